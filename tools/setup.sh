#!/bin/sh
# Everything a fresh Debian machine with Node and npm lacks: npm packages (a modern Node among them), the
# distribution's packages for real containers (as root), and the bundle that bin/kybern starts from.
# Quiet and quick when there is nothing to do.
set -e
cd "$(dirname "$0")/.."
# node_modules/.setup-stamp holds the sum of the lock file that node_modules was installed from.
sum=$(cksum < package-lock.json)
if [ "$(cat node_modules/.setup-stamp 2>/dev/null)" != "$sum" ]; then
  echo "setup: installing npm packages"
  # Not `npm ci`: it refuses when a registry lacks a package that only another platform would install.
  npm install --no-save --no-fund --no-audit --loglevel=error
  echo "$sum" > node_modules/.setup-stamp
fi
# npm may be told to run no install scripts; the Node binary comes by one.
if [ ! -x node_modules/node/bin/node ]; then
  echo "setup: fetching Node"
  (cd node_modules/node && node installArchSpecificPackage.js)
fi

packages="containerd runc containernetworking-plugins nftables iproute2 catatonit $*"
missing=""
if command -v dpkg-query >/dev/null 2>&1; then
  for package in $packages; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing="$missing $package"
  done
fi
if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "setup: installing Debian packages:$missing"
  # A policy that keeps the packages' own services from starting: kybern runs a private containerd.
  policy=/usr/sbin/policy-rc.d
  made=""
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod +x "$policy"
    made=yes
    trap 'rm -f "$policy"' EXIT INT TERM
  fi
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086
  apt-get install -y -q --no-install-recommends $missing >/dev/null 2>&1 ||
    { apt-get update -q >/dev/null && apt-get install -y -q --no-install-recommends $missing >/dev/null; }
  [ -n "$made" ] && rm -f "$policy"
fi

newest=$(find src tools/bundle.ts package-lock.json -newer dist/kybern.js -type f 2>/dev/null | head -n 1 || true)
if [ ! -e dist/kybern.js ] || [ -n "$newest" ]; then
  echo "setup: bundling"
  sh tools/run tools/bundle.ts
fi
