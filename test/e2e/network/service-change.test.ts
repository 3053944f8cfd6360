/** The service table while it changes: real nft, in a network namespace of its own. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const program = join(import.meta.dirname, '../../support/changing-service.ts');

test('a service – that loses and gets backends – refuses no connection', async () => {
  // Masquerading takes an address that is not the loopback's own.
  const inside = 'ip link set lo up && ip address add 192.0.2.1/32 dev lo && exec "$0" "$@"';
  const { stdout } = await promisify(execFile)('unshare', [
    ...['--net', 'sh', '-c', inside, process.execPath, program],
  ]);
  const { connections, failures } = JSON.parse(stdout) as { connections: number; failures: string[] };
  assert.deepEqual(failures, [], `${failures.length} of ${connections} connections failed`);
  assert.ok(connections > 1000);
});
