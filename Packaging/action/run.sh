#!/usr/bin/env bash
# Runs kbld as a step of a workflow: its standard output goes to a file, its log to the step's log and to a file.
#
# KBLD           the program
# KBLD_ARGS      its arguments in words; quotes and backslashes keep words together, and nothing is expanded
# KBLD_OUTPUT    where standard output goes; else to a file beside the log
# RUNNER_TEMP, GITHUB_OUTPUT, GITHUB_STEP_SUMMARY as GitHub sets them
set -euo pipefail

arguments=()
while IFS= read -r -d '' argument; do
  arguments+=("$argument")
done < <(printf '%s' "${KBLD_ARGS:-}" | xargs printf '%s\0')
if [[ ${#arguments[@]} == 0 || (${#arguments[@]} == 1 && -z ${arguments[0]}) ]]; then
  echo "::error title=kbld::args is empty: give kbld's arguments, such as -f config.yml" >&2
  exit 1
fi

results=$(mktemp -d "$RUNNER_TEMP/kbld-results.XXXXXX")
output=${KBLD_OUTPUT:-$results/output}
log=$results/log.txt
set +e
"$KBLD" "${arguments[@]}" 2>&1 > "$output" | tee "$log" >&2
status=${PIPESTATUS[0]}
set -e
# What a check found is for people; annotations are read from here.
if [[ ${arguments[0]} == check && -z ${KBLD_OUTPUT:-} ]]; then cat "$output"; fi

{
  echo "output=$output"
  echo "log=$log"
  echo "results=$results"
  echo "status=$status"
} >> "$GITHUB_OUTPUT"
if [[ -n ${GITHUB_STEP_SUMMARY:-} ]]; then
  # Indented text: nothing in a log is markup.
  { echo "### kbld: status $status"; echo; tail -n 100 "$log" | sed 's/^/    /'; echo; } >> "$GITHUB_STEP_SUMMARY"
fi
exit "$status"
