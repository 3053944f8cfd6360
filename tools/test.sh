#!/bin/sh
# The one command that proves a checkout: set-up, static checks, unit tests, then the tests on a real cluster.
set -e
cd "$(dirname "$0")/.."
if [ "$(id -u)" != 0 ]; then
  echo "error: the tests run real containers, which need root" >&2
  echo "hint: as root run 'npm test'; without root, 'npm run check' and 'npm run unit' prove a part" >&2
  exit 1
fi
clients=""
command -v kubectl >/dev/null 2>&1 || clients="kubernetes-client"
sh tools/setup.sh busybox-static nginx-light etcd-server curl libfaketime docker-registry $clients
step() {
  echo "test: $1"
  shift
  "$@"
}
step "types" node_modules/.bin/tsc --noEmit
step "lint" node_modules/.bin/biome check .
step "imports" sh tools/run tools/check-imports.ts
step "unused files, exports and packages" node_modules/.bin/knip
step "unit tests" sh tools/run --test --test-concurrency=2 'tools/**/*.test.ts' 'src/**/*.test.ts'
step "examples" sh tools/run --test --test-concurrency=2 'examples/**/*.test.ts'
step "bad input" sh tools/run --test 'test/fuzz/*.test.ts'
step "tests on a real cluster" sh tools/run --test --test-concurrency=1 'test/e2e/**/*.test.ts'
