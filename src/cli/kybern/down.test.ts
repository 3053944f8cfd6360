/** `kybern down`: ends the cluster's process and keeps its state. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { clusterPaths, startingState, writeState } from '#host/home/cluster-home.ts';
import { identityOf } from '#host/processes/processes.ts';
import { ownHome } from '#testing/cli/own-home.ts';
import { keepCluster, runCommand } from '#testing/cli/run-command.ts';
import { down } from './down.ts';

test('down – a running cluster – its process is ended by SIGTERM, its config stays', async (t) => {
  ownHome(t);
  keepCluster('one');
  const paths = clusterPaths('one');
  const child = spawn('sleep', ['60']);
  t.after(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  writeState(paths, startingState(identityOf(child.pid!)!));
  writeFileSync(paths.restarts, '');
  const ended = once(child, 'exit');
  const { printed, failure } = await runCommand(down, 'down --name one');
  assert.deepEqual([printed, failure], [['cluster one is down, its state is kept'], undefined]);
  assert.deepEqual(await ended, [null, 'SIGTERM']);
  assert.deepEqual([paths.config, paths.state, paths.restarts].map(existsSync), [true, false, false]);
});

test('down – a stopped cluster with a real node – says that its containers run on', async (t) => {
  ownHome(t);
  keepCluster('one', { realNodes: 1 });
  assert.deepEqual((await runCommand(down, 'down --name one')).printed, [
    'cluster one is down, its state is kept; its containers run on until kybern delete',
  ]);
});

test('down – no such cluster – fails', async (t) => {
  ownHome(t);
  const { printed, failure } = await runCommand(down, 'down');
  assert.deepEqual(
    [printed, failure],
    [[], 'there is no cluster default (kybern list shows those there are)'],
  );
});
