#!/bin/sh
# The hook of .pre-commit-hooks.yaml: reviews what is about to be committed or pushed. Arguments are those of `gopeer review`.
set -eu

gopeer=$(sh "$(dirname "$0")/install.sh")
# The index, not the work tree: what git does not track is not committed.
range=--cached
if [ -n "${PRE_COMMIT_FROM_REF:-}" ]; then range=$PRE_COMMIT_FROM_REF...$PRE_COMMIT_TO_REF; fi

diff=$(mktemp)
trap 'rm -f "$diff"' EXIT
# Whatever is configured. Not into a pipe, which would hide that git fails.
git diff --no-color --no-ext-diff --no-textconv --src-prefix=a/ --dst-prefix=b/ --find-renames "$range" > "$diff"
if [ -s "$diff" ]; then "$gopeer" review --diff "$diff" "$@"; fi
