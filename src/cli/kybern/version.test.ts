/** `kybern version` and `kybern --version`. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kubernetesVersion, kybernVersion } from '#base/version.ts';
import { runCommand } from '#testing/cli/run-command.ts';
import { version } from './version.ts';

const text = `kybern ${kybernVersion}, Kubernetes ${kubernetesVersion}, Node ${process.version}`;

test('version – called – prints one line with all three versions', async () => {
  assert.deepEqual(await runCommand(version, 'version'), { printed: [text], warned: [], failure: undefined });
});

test('version – as a flag – gives the same line', async (t) => {
  t.mock.method(process.stdout, 'write', () => true);
  assert.equal((await runCommand(version, '--version')).failure, text);
});
