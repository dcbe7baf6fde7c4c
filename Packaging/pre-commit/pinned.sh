#!/usr/bin/env bash
# Refuses documents whose images aren't pinned by digest, and names these. No registry is asked.
#
# usage: pinned.sh [--lock FILE] DOCUMENT...
# References that the lock file pins count as pinned. KBLD is the program, else the kbld on the PATH.
set -euo pipefail

kbld=${KBLD:-kbld}
command -v "$kbld" > /dev/null || { echo "kbld is not on the PATH; install it (docs/installing.md)" >&2; exit 1; }

# Image references of the document, a line each.
references() {
  "$kbld" "$@" --unresolved-inspect --quiet | sed -n "s/^- image: //p" | sed "s/^['\"]\(.*\)['\"]\$/\1/"
}

locked=
if [[ ${1:-} == --lock || ${1:-} == --lock=* ]]; then
  if [[ $1 == --lock ]]; then
    lock=${2:-}
    shift 2 || { echo "--lock needs a file" >&2; exit 1; }
  else
    lock=${1#--lock=}
    shift
  fi
  [[ -r $lock ]] || { echo "the lock file '$lock' can't be read" >&2; exit 1; }
  # kbld's own lock: each reference, and in the next line the image in its place.
  locked=$(awk '/^- image: / {reference = $3}
    /^  newImage: .*@sha256:/ && reference != "" {gsub(/["'"'"']/, "", reference); print reference; reference = ""}' "$lock")
fi

status=0
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
for document in "$@"; do
  if ! found=$(references -f - < "$document" 2> "$errors"); then
    echo "$document: $(cat "$errors")" >&2
    status=1
    continue
  fi
  while IFS= read -r reference; do
    [[ -z $reference || $reference == *@sha256:* ]] && continue
    grep -qxF -- "$reference" <<< "$locked" && continue
    echo "$document: $reference is not pinned by digest"
    status=1
  done <<< "$found"
done
[[ $status == 0 ]] || echo "Pin them with: kbld -f FILE > RESOLVED, or --lock-output kbld.lock.yml and --lock here" >&2
exit "$status"
