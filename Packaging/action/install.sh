#!/usr/bin/env bash
# Downloads a release of kbld for this runner, compares its digest, and puts it on the PATH of later steps. A program
# with another digest is deleted; it never runs.
#
# KBLD_VERSION   the version, without v
# KBLD_SHA256    the digest that the program must have; else that of the release's SHA256SUMS
# KBLD_SOURCE    where releases are: a folder per version below it, v0.5.0 for instance; https:// or file://
# RUNNER_ARCH, RUNNER_TEMP, GITHUB_PATH, GITHUB_OUTPUT as GitHub sets them
set -euo pipefail

refuse() {
  # %0A is a line break in a runner's annotation.
  echo "::error title=kbld::$*" >&2
  exit 1
}

[[ ${KBLD_VERSION:-} =~ ^[0-9A-Za-z][0-9A-Za-z.+-]*$ ]] || refuse "'${KBLD_VERSION:-}' is not a version, such as 0.5.0"
case ${RUNNER_OS:-Linux} in
  Linux) ;;
  *) refuse "there are releases for Linux alone; use a runner such as ubuntu-24.04" ;;
esac
case ${RUNNER_ARCH:-} in
  X64) arch=amd64 ;;
  ARM64) arch=arm64 ;;
  *) refuse "there is no release for the architecture '${RUNNER_ARCH:-}', only for X64 and ARM64" ;;
esac
expected=${KBLD_SHA256:-}
expected=${expected#sha256:}
[[ -z $expected || $expected =~ ^[0-9a-f]{64}$ ]] || refuse "sha256 must be 64 lowercase hexadecimal digits"

name=kbld-$KBLD_VERSION-linux-$arch
release=$KBLD_SOURCE/v$KBLD_VERSION
folder=$RUNNER_TEMP/kbld-$KBLD_VERSION
mkdir -p "$folder"
download=$(mktemp "$folder/download.XXXXXX")
trap 'rm -f "$download" "$download.sums"' EXIT

fetch() {
  curl --fail --silent --show-error --location --proto '=https,file' --proto-redir '=https' --retry 3 \
    --output "$2" -- "$1" || refuse "$1 can't be downloaded"
}

if [[ -z $expected ]]; then
  fetch "$release/SHA256SUMS" "$download.sums"
  expected=$(awk -v name="$name" '$2 == name || $2 == "*" name {print $1}' "$download.sums")
  [[ $expected =~ ^[0-9a-f]{64}$ ]] || refuse "SHA256SUMS of $KBLD_VERSION has no digest of $name"
fi
fetch "$release/$name" "$download"
actual=$(sha256sum < "$download")
actual=${actual%% *}
[[ $actual == "$expected" ]] || refuse "$release/$name has the sha256 $actual, but $expected was expected; it was not run"

chmod 755 "$download"
mv -f "$download" "$folder/kbld"
echo "$folder" >> "$GITHUB_PATH"
echo "path=$folder/kbld" >> "$GITHUB_OUTPUT"
"$folder/kbld" version 2>&1
