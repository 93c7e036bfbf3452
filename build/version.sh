#!/usr/bin/env bash
# Prints the version of this tree: that of the release tag on this commit, or
# one of development that names the commit. Outside of git it prints nothing,
# and the programs say "0.0.0-dev".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

commit=$(git rev-parse --short=12 HEAD 2>/dev/null) || exit 0
dirty=$(git status --porcelain --untracked-files=no 2>/dev/null | head -n 1)
tag=$(git describe --tags --exact-match --match 'v[0-9]*' 2>/dev/null) || tag=

if [ -n "$tag" ] && [ -z "$dirty" ]; then
	echo "${tag#v}"
else
	echo "0.0.0-dev+$commit${dirty:+.dirty}"
fi
