#!/bin/sh
# Makes the secrets of infra/compose.yaml: infra/.env, for you alone to read. What is there is left alone: whoever loses
# CULVERT_SECRET loses every proxy password and key of the cluster.
set -eu
file="${1:-$(dirname "$0")/.env}"
if [ -e "$file" ]; then
  echo "$file is there already; it is left as it is." >&2
  exit 0
fi
random() { od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n'; }
umask 077
cat > "$file" <<EOF
CULVERT_SECRET=$(random)
REDIS_PASSWORD=$(random)
GRAFANA_PASSWORD=$(random)
# The address to listen on for those outside, and the URLs that they are told:
#PUBLIC_BIND=0.0.0.0
#PUBLIC_API_URL=https://culvert.example
#PUBLIC_PROXY_URL=http://proxy.example:3128
#PUBLIC_LINK_URL=ws://link.example:7000
EOF
echo "wrote $file"
