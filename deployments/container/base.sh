#!/bin/sh
# A base image where none can be pulled: Debian with Python, made from Debian's packages.
set -eu

usage() {
    cat <<'TEXT'
usage: base.sh [--suite SUITE] [--tag NAME] [--tool buildah|podman|docker]

Make a base image for deployments/container/build.py --base NAME, with mmdebstrap.

  --suite SUITE   of Debian (default: trixie, which has Python 3.13; bookworm has 3.11)
  --tag NAME      what to call it (default: localhost/headgate-base:SUITE)
  --tool TOOL     that is to hold it (default: the first of buildah, podman, docker)

examples:
  sh deployments/container/base.sh
  sh deployments/container/base.sh --suite bookworm --tool podman

Exit codes: 0 made, 2 could not.
TEXT
}

fail() {
    printf '%s\n' "$1" >&2
    exit 2
}

suite=trixie tag='' tool=''
while [ $# -gt 0 ]; do
    case $1 in
        --help | -h) usage; exit 0 ;;
        --suite | --tag | --tool) [ $# -ge 2 ] || fail "$1 needs a value." ;;
        *) fail "There is no option $1. See --help." ;;
    esac
    case $1 in
        --suite) suite=$2 ;;
        --tag) tag=$2 ;;
        --tool) tool=$2 ;;
    esac
    shift 2
done
tag=${tag:-localhost/headgate-base:$suite}
for one in buildah podman docker; do
    if [ -z "$tool" ] && command -v "$one" >/dev/null; then tool=$one; fi
done
[ -n "$tool" ] || fail "There is none of buildah, podman and docker here."
command -v mmdebstrap >/dev/null || fail "mmdebstrap is not installed: apt-get install mmdebstrap."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mmdebstrap --variant=minbase --include=python3,python3-venv,ca-certificates \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    "$suite" "$work/base.tar" || fail "mmdebstrap could not make $suite; it says why above."

case $tool in
    podman | docker) "$tool" import "$work/base.tar" "$tag" >&2 ;;
    buildah)
        box=$(buildah from scratch)
        buildah add --quiet "$box" "$work/base.tar" / >&2
        buildah commit --quiet --rm --format docker "$box" "$tag" >&2
        ;;
    *) fail "--tool is buildah, podman or docker. Seen: $tool." ;;
esac
printf '%s\n' "$tag"
