#!/bin/sh
# Stands for an operator's commands in the tests of the exec provider: sleeping processes as nodes, one folder each.
# usage: fake-manager.sh STATE launch|list|terminate|logs
cd "$1" || exit 1
id=$CULVERT_DEPLOY_ID

alive() {
  read -r pid <"$1/pid" && kill -0 "$pid" 2>/dev/null || return 1
  case $(cat "/proc/$pid/stat" 2>/dev/null) in *') Z '*) return 1 ;; esac
}

case $2 in
launch)
  if [ -n "$CULVERT_DEPLOY_DIRECTORY" ] && [ ! -d "$CULVERT_DEPLOY_DIRECTORY" ]; then
    echo "no checkout in $CULVERT_DEPLOY_DIRECTORY" >&2
    exit 1
  fi
  if [ -n "$CULVERT_DEPLOY_REPLACES" ] && [ ! -d "$CULVERT_DEPLOY_REPLACES" ]; then
    echo "no node $CULVERT_DEPLOY_REPLACES" >&2
    exit 1
  fi
  if [ -d "$id" ]; then
    [ -e "$id/ended" ] || exit 0
    rm -r "$id"
  fi
  mkdir "$id"
  echo "$CULVERT_DEPLOY_ROLE" >"$id/role"
  echo "$CULVERT_DEPLOY_VERSION" >"$id/version"
  case $CULVERT_DEPLOY_VERSION in
  *-broken) run="echo told to fail; echo 'exit code 3' >$id/exit; exit 3" ;;
  *-deaf) run="trap '' TERM; exec sleep 120" ;;
  *) run='exec sleep 120' ;;
  esac
  sh -c "$run" >"$id/log" 2>&1 </dev/null &
  echo $! >"$id/pid"
  ;;
list)
  for node in *; do
    [ -e "$node/pid" ] || continue
    exit=null
    if alive "$node"; then
      state=running
      [ -e "$node/ended" ] && state=stopping
    else
      state=exited pid=null exit="\"$(cat "$node/exit" 2>/dev/null || echo 'it ended')\""
    fi
    printf '{"id":"%s","role":"%s","version":"%s","state":"%s","pid":%s,"exit":%s}\n' \
      "$node" "$(cat "$node/role")" "$(cat "$node/version")" "$state" "$pid" "$exit"
  done
  ;;
terminate)
  if [ ! -d "$id" ]; then
    echo "no node $id" >&2
    exit 1
  fi
  : >"$id/ended"
  (
    kill -TERM "$(cat "$id/pid")"
    steps=$((CULVERT_DEPLOY_GRACE / 20))
    while [ "$steps" -gt 0 ] && alive "$id"; do
      sleep 0.02
      steps=$((steps - 1))
    done
    alive "$id" && echo SIGKILL >"$id/exit" && kill -KILL "$pid"
  ) >/dev/null 2>&1 &
  ;;
logs)
  [ -e "$id/log" ] && cat "$id/log"
  exit 0
  ;;
esac
