import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '#testing/cli/run-command.ts';
import { leave } from './leave.ts';

const home = mkdtempSync(join(tmpdir(), 'leave-'));
process.env['KYBERN_HOME'] = home;

test('leave – on a machine that has not joined – is refused', async () => {
  const { failure } = await runCommand(leave, 'leave');
  assert.equal(failure, 'this machine has not joined a cluster (kybern join makes one)');
});

test('leave – on a machine that has joined as two nodes – asks for the name', async () => {
  for (const node of ['a', 'b']) mkdirSync(join(home, 'nodes', node), { recursive: true });
  const { failure } = await runCommand(leave, 'leave');
  assert.equal(failure, 'this machine has joined as 2 nodes (choose one: --node-name a | b)');
  const absent = await runCommand(leave, 'leave --node-name c');
  assert.equal(absent.failure, 'this machine has not joined a cluster as c (choose one: --node-name a | b)');
});
