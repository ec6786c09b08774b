#!/bin/sh
# Runs the project's own Node, which npm scripts find before the system's. Its binary needs a library that a bare Debian
# lacks; that is installed where it may be, else named. Nothing else can say so: without it no program of ours starts.
if ! said=$(node --version 2>&1); then
  case $said in
  *libatomic.so.1*)
    if [ "$(id -u)" = 0 ]; then root=; else root='sudo -n'; fi
    echo 'Installing libatomic1 to run Node …'
    $root apt-get -qq update >/dev/null 2>&1
    if ! DEBIAN_FRONTEND=noninteractive $root apt-get -qq install --yes --no-install-recommends libatomic1 >/dev/null 2>&1; then
      echo 'Missing Debian package libatomic1, needed to run Node. Install by hand: apt-get install libatomic1' >&2
      exit 1
    fi
    ;;
  *)
    echo "Node does not run here: $said" >&2
    exit 1
    ;;
  esac
fi
exec node "$@"
