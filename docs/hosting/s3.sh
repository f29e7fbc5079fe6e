#!/bin/sh
# Uploads the built site to S3: `docs/hosting/s3.sh s3://BUCKET/PREFIX [FOLDER]`. It needs the AWS command line (`aws`, version 2).
# What never changes goes first, and the pages that name it last. Files of earlier builds stay: somebody may have the old page open.
set -eu
[ $# -ge 1 ] || { echo "usage: $0 s3://BUCKET/PREFIX [FOLDER]" >&2; exit 2; }
to=${1%/}
from=${2:-dist}
forever='public, max-age=31536000, immutable'

# S3 knows no type for these. The .br and .gz files are for servers that choose among them; CloudFront compresses by itself.
aws s3 sync "$from/assets" "$to/assets" --exclude '*' --include '*.wasm' --cache-control "$forever" --content-type application/wasm
aws s3 sync "$from/assets" "$to/assets" --exclude '*' --include '*.go' --include '*.txtar' --cache-control "$forever" --content-type 'text/plain; charset=utf-8'
aws s3 sync "$from/assets" "$to/assets" --exclude '*' --include '*.bin' --cache-control "$forever" --content-type application/octet-stream
aws s3 sync "$from/assets" "$to/assets" --exclude '*.wasm' --exclude '*.go' --exclude '*.txtar' --exclude '*.bin' --exclude '*.br' --exclude '*.gz' --cache-control "$forever"
aws s3 sync "$from" "$to" --exclude 'assets/*' --exclude '*.br' --exclude '*.gz' --cache-control no-cache
