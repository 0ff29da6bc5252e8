#!/usr/bin/env bash
# Goes back to another release: rollback.sh FOLDER RELEASE HEALTH_URL RESTART COMMAND...
# FOLDER/current is a link to FOLDER/releases/RELEASE. Waits up to WAIT_SECONDS (30) for an answer.
set -euo pipefail

if (($# < 4)); then
    sed -n '2,3p' "$0" >&2
    exit 2
fi
folder=$1 release=$2 health=$3
shift 3

# stop at once where something is missing, before anything is moved
command -v curl >/dev/null
if [[ -z $release || $release == .* || $release == */* || ! -d $folder/releases/$release ]]; then
    echo "no such release; there are: $(ls "$folder/releases" | tr '\n' ' ')" >&2
    exit 2
fi
if ! before=$(readlink "$folder/current"); then
    echo "$folder/current is no link to a release" >&2
    exit 2
fi

activate() {
    # a rename is atomic: whoever opens the link sees one release or the other
    ln -s "$1" "$folder/.next.$$"
    mv -T "$folder/.next.$$" "$folder/current"
}

answers() {
    local wait=${WAIT_SECONDS:-30}
    curl --silent --fail --output /dev/null --max-time 5 \
        --retry "$wait" --retry-delay 1 --retry-max-time "$wait" --retry-all-errors "$health"
}

activate "releases/$release"
if "$@" && answers; then
    echo "running: $release (before: $before)"
    exit 0
fi
echo "release $release does not answer; going back to $before" >&2
activate "$before"
"$@" && answers && echo "running: $before" >&2
exit 1
