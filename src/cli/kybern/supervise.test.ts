/** What `bin/supervise` gives the process that it starts. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';

const supervise = new URL('../../../bin/supervise', import.meta.url).pathname;
const autogroup = '/proc/self/autogroup';
const weighsSessions =
  existsSync(autogroup) && readFileSync('/proc/sys/kernel/sched_autogroup_enabled', 'utf8').trim() === '1';

async function supervised(t: TestContext, ...command: string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'supervise-'));
  t.after(() => rmSync(folder, { recursive: true }));
  // As `kybern up` starts it: in a session of its own.
  const args = ['--wait', '/bin/sh', supervise, folder, ...command];
  const { stdout } = await promisify(execFile)('setsid', args);
  return stdout.replace(/^\/autogroup-\d+ /, '').trim();
}

const options = { skip: weighsSessions && process.getuid?.() === 0 ? false : 'needs root and autogroup' };

test('supervise – its session – has more of the processors than others', options, async (t) => {
  assert.equal(await supervised(t, 'cat', autogroup), 'nice -10');
});

test('supervise – a session that its process starts – has the usual share', options, async (t) => {
  assert.equal(await supervised(t, 'setsid', '--wait', 'cat', autogroup), 'nice 0');
});
