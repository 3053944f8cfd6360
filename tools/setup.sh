#!/bin/sh
# Everything a fresh Debian machine with Node and npm lacks: the distribution's packages (as root), npm packages (a
# modern Node among them), and the bundle that bin/kybern starts from. Quiet and quick when there is nothing to do.
# Arguments are Debian packages wanted besides.
set -e
cd "$(dirname "$0")/.."

# Ends the set-up with one line of what is wrong and one of what to do.
fail() {
  echo "error: $1" >&2
  echo "hint: $2" >&2
  exit 1
}

# The Debian packages among "$@" that this machine lacks; none where there is no dpkg to ask.
missing_of() {
  command -v dpkg-query >/dev/null 2>&1 || return 0
  for package in "$@"; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || printf ' %s' "$package"
  done
}

# One try; what apt-get says goes to the log. A lock held by another apt (a new machine updates itself) is waited for.
apt_install() {
  # shellcheck disable=SC2086
  apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 $missing >>"$1" 2>&1
}

# The packages' own services must not start: kybern runs a private containerd, the tests their own servers.
hold_services() {
  # The machine's own policy stays; one that a killed set-up left behind is ours as well.
  if [ -e /usr/sbin/policy-rc.d ] && ! grep -q "kybern" /usr/sbin/policy-rc.d; then return 0; fi
  policy=/usr/sbin/policy-rc.d
  printf '#!/bin/sh\n# Left by the set-up of kybern when it was killed: remove it.\nexit 101\n' >"$policy"
  chmod +x "$policy"
}

install_missing() {
  policy=""
  echo "setup: installing Debian packages:$missing (under a minute)"
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  trap 'rm -f "$log" "$policy"' EXIT
  trap 'exit 130' INT TERM HUP
  hold_services
  # The lists of a new machine are empty or old: then they are fetched, and a second try counts.
  if ! apt_install "$log"; then
    echo "setup: fetching the package lists first"
    if ! { apt-get update -q >"$log" 2>&1 && apt_install "$log"; }; then
      grep -E '^(W|E|Err|dpkg)' "$log" >&2 || tail -n 20 "$log" >&2
      fail "apt-get could not install$missing; what it said stands above" \
        "when 'apt-get update && apt-get install$missing' works, run this again"
    fi
  fi
  rm -f "$log" "$policy"
}

# libatomic1 comes first of all: the modern Node is linked with it, and npm packages' own set-up runs that Node.
missing=$(missing_of libatomic1 containerd runc containernetworking-plugins nftables iproute2 catatonit conntrack haproxy "$@")
if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  install_missing
elif [ -n "$missing" ]; then
  case $missing in
    *libatomic1*) fail "Node 26 needs the Debian package libatomic1, which only root can install" \
      "as root, run: apt-get install$missing" ;;
  esac
  echo "setup: without root these Debian packages stay missing:$missing"
fi

# node_modules/.setup-stamp holds the sum of the lock file that node_modules was installed from.
sum=$(cksum < package-lock.json)
if [ "$(cat node_modules/.setup-stamp 2>/dev/null)" != "$sum" ]; then
  echo "setup: installing npm packages, Node 26 among them (under a minute)"
  # Not `npm ci`: it refuses when a registry lacks a package that only another platform would install.
  npm install --no-save --no-fund --no-audit --no-progress --loglevel=error ||
    fail "npm could not install the packages; what it said stands above" \
      "when the npm registry can be reached, run this again"
  echo "$sum" > node_modules/.setup-stamp
fi
# npm may be told to run no install scripts; the Node binary comes by one.
if [ ! -x node_modules/node/bin/node ]; then
  echo "setup: fetching Node 26"
  (cd node_modules/node && node installArchSpecificPackage.js) ||
    fail "Node 26 could not be fetched; what npm said stands above" \
      "when the npm registry can be reached, run this again"
fi

newest=$(find src tools/bundle.ts package-lock.json -newer dist/kybern.js -type f 2>/dev/null | head -n 1 || true)
if [ ! -e dist/kybern.js ] || [ -n "$newest" ]; then
  echo "setup: bundling"
  sh tools/run tools/bundle.ts
fi
