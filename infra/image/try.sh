#!/bin/sh
# Starts what the image would hold without a container engine, as the image would start it: `sh infra/image/try.sh NODE_MODULES NODE`,
# as root on Linux, with the node_modules that infra/image/prune.mjs left and a Node.js binary. Each role is process 1 of a
# process namespace of its own, user 10001, on a read-only root; /data and /tmp are all that it can write to. Redis: REDIS_URL.
set -eu
modules=$(realpath "$1")
node=$(realpath "$2")
: "${REDIS_URL:?the URL of a Redis that may be written to, on an address of this machine}"
if [ "${IN_NAMESPACE:-}" = '' ]; then
  IN_NAMESPACE=1 exec unshare --mount --propagation private sh "$0" "$modules" "$node"
fi

root=$(mktemp -d)
mount -t tmpfs -o mode=755 tmpfs "$root"
mkdir -p "$root/usr" "$root/etc" "$root/app/node_modules" "$root/data" "$root/tmp" "$root/proc" "$root/dev" "$root/opt"
for folder in bin lib lib64; do [ -e "/$folder" ] && ln -s "usr/$folder" "$root/$folder"; done
touch "$root/opt/node" "$root/dev/urandom" "$root/dev/null"
for pair in "/usr:/usr" "/etc:/etc" "$modules:/app/node_modules" "$node:/opt/node"; do
  mount --bind "${pair%%:*}" "$root${pair##*:}"
  mount -o remount,ro,bind "$root${pair##*:}"
done
for device in null urandom; do mount --bind "/dev/$device" "$root/dev/$device"; done
mount -t tmpfs -o mode=1777,size=64m tmpfs "$root/tmp"
mount -t tmpfs -o uid=10001,gid=10001,mode=750 tmpfs "$root/data"
mount -o remount,ro "$root"

# In the namespace of processes: the role is process 1 there.
inside() {
  exec unshare --pid --fork --kill-child=KILL sh -c '
    mount -t proc proc "$0/proc" && exec chroot "$0" setpriv --reuid 10001 --regid 10001 --clear-groups --no-new-privs \
      --bounding-set -all env -i NODE_ENV=production TMPDIR=/tmp CULVERT_SECRET=only-for-this-try-only-for-this-try \
      CULVERT_REDIS_URL="$REDIS_URL" CULVERT_REDIS_PREFIX=image-try CULVERT_ADMIN_LISTEN="127.0.0.1:$1" \
      CULVERT_API_LISTEN=127.0.0.1:18080 CULVERT_PROXY_LISTEN=127.0.0.1:0 CULVERT_LINK_LISTEN=127.0.0.1:0 \
      CULVERT_SNAPSHOT_DIR=/data/api CULVERT_STATE_DIR=/data/deployer /opt/node "$2" $3' \
    "$root" "$1" "$2" "${3:-}"
}
started=''
# Nothing is left behind: with its parent, the whole namespace of processes ends.
trap 'rm -f "${log:-}" "${log:-}.health"; [ -z "$started" ] || kill -KILL "$started" 2> /dev/null || true' EXIT
trap 'exit 1' INT TERM
main=/app/node_modules/@culvert/cli/dist/main.js
health=/app/node_modules/@culvert/cli/bin/health.mjs
port=19090
for role in api gateway worker deployer; do
  port=$((port + 1))
  log=$(mktemp)
  inside "$port" "$main" "$role" > "$log" 2>&1 &
  started=$!
  tries=0
  until (inside "$port" "$health" 2> "$log.health"); do
    tries=$((tries + 1))
    [ "$tries" -lt 20 ] || { echo "$role does not get healthy:"; cat "$log" "$log.health"; exit 1; }
    sleep 0.5
  done
  [ "$role" != api ] || grep -q '<script' <<EOF || { echo 'the API serves no dashboard'; exit 1; }
$("$node" -e "fetch('http://127.0.0.1:18080/').then((answer) => answer.text()).then(console.log)")
EOF
  # The parent of the role, seen from here, has one child: process 1 in there.
  one=$(cat "/proc/$started/task/$started/children")
  kill -TERM $one
  code=0
  wait "$started" || code=$?
  grep -q '"event":"node.ready".*"pid":1,' "$log" || { echo "$role is not process 1:"; cat "$log"; exit 1; }
  grep -q '"event":"node.stopped"' "$log" || { echo "$role did not stop in order:"; cat "$log" "$log.health"; exit 1; }
  echo "$role: healthy as process 1, user 10001, $(grep -c . "$log") lines of log, exit code $code after SIGTERM"
  rm -f "$log" "$log.health"
  started=''
  [ "$code" = 0 ] || exit 1
done
echo "written to: $(find "$root/data" "$root/tmp" -type f | sed "s|$root||" | tr '\n' ' ')"
