#!/usr/bin/env bash
# Checks the image references of files, without a network.
#
# usage: check.sh [FLAG…] FILE...
# The flags are those of kbld check. KBLD is the program, else the kbld on the PATH.
set -euo pipefail

kbld=${KBLD:-kbld}
command -v "$kbld" > /dev/null || { echo "kbld is not on the PATH; install it (docs/installing.md)" >&2; exit 1; }
exec "$kbld" check --offline "$@"
