#!/bin/sh
# Puts the gopeer command into a folder, and prints where: the released binary for this platform, checked against its checksum, or one
# that is built from source where there is none.
#
#     install.sh [FOLDER]
#
# GOPEER_URL      the repository, such as https://github.com/OWNER/gopeer; by default the one that this checkout was cloned from
# GOPEER_VERSION  the release, such as 0.1.0; by default that of this checkout
set -eu

say() { echo "gopeer: $*" >&2; }
fail() { say "$@"; exit 1; }

# The checkout that this script is in; empty where it was fetched alone.
source=$(cd "$(dirname "$0")/.." && pwd)
[ -f "$source/crates/cli/Cargo.toml" ] || source=

version=${GOPEER_VERSION:-}
if [ -z "$version" ] && [ -n "$source" ]; then
  version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$source/Cargo.toml" | head -n 1)
fi
version=${version#v}
[ -n "$version" ] || fail "GOPEER_VERSION must say which release to install, such as 0.1.0"

url=${GOPEER_URL:-}
if [ -z "$url" ] && [ -n "$source" ]; then
  # What git reaches by SSH is on the web as well.
  url=$(git -C "$source" remote get-url origin 2>/dev/null | sed -e 's#^git@\([^:]*\):#https://\1/#' -e 's#^ssh://git@#https://#' || true)
fi
url=${url%/}
url=${url%.git}

folder=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/gopeer/gopeer-$version}
system=$(uname -s)
exe=
case $system in MINGW* | MSYS* | CYGWIN*) exe=.exe ;; esac
command=$folder/gopeer$exe

# The name that releases give to this platform.
platform() {
  case $(uname -m) in
    x86_64 | amd64) machine=x86_64 ;;
    arm64 | aarch64) machine=arm64 ;;
    *) machine=$(uname -m) ;;
  esac
  case $system in
    Linux) echo "linux-$machine" ;;
    Darwin) echo "macos-$machine" ;;
    MINGW* | MSYS* | CYGWIN*) echo "windows-$machine" ;;
    *) echo "$system-$machine" ;;
  esac
}

# fetch URL FILE
fetch() {
  if command -v curl >/dev/null; then
    curl --fail --silent --show-error --location --retry 2 --output "$2" "$1"
  else
    # As BusyBox has it.
    wget -q -O "$2" "$1"
  fi
}

checksum() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -c 1-64
}

# Fetches the released binary into $work. Fails where there is none, and ends the script where it is not what the release says.
released() {
  [ -n "$url" ] || { say "GOPEER_URL does not say where releases are"; return 1; }
  archive=gopeer-$(platform).tar.gz
  release=$url/releases/download/v$version
  fetch "$release/$archive" "$work/$archive" || { say "no release at $release/$archive can be fetched"; return 1; }
  fetch "$release/SHA256SUMS" "$work/SHA256SUMS" || fail "$release/SHA256SUMS is missing, so $archive cannot be checked"
  expected=$(awk -v archive="$archive" '$2 == archive || $2 == "*" archive { print $1 }' "$work/SHA256SUMS")
  actual=$(checksum "$work/$archive")
  if [ "$expected" != "$actual" ]; then
    fail "$release/$archive has the checksum $actual, but SHA256SUMS says ${expected:-nothing of it}: it is not installed"
  fi
  tar -xzf "$work/$archive" -C "$work"
}

# Builds the command into $work. Without link-time optimization this takes a few minutes instead of twenty.
built() {
  say "building version $version from source"
  command -v cargo >/dev/null || fail "building from source needs Rust and a C compiler: see https://rustup.rs"
  if [ -n "$source" ]; then set -- --path "$source/crates/cli"; else set -- --git "$url" --tag "v$version" gopeer-cli; fi
  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    cargo install --quiet --locked --root "$work" "$@" >&2
  mv "$work/bin/gopeer$exe" "$work/gopeer$exe"
}

if [ "$("$command" --version 2>/dev/null || true)" != "gopeer $version" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  released || built
  mkdir -p "$folder"
  # Not copied over a command that is running.
  mv -f "$work/gopeer$exe" "$command"
fi
echo "$command"
