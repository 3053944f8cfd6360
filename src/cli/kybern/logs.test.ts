/** `kybern logs`: the rotated files before the current one, and what is appended while it follows. */

import assert from 'node:assert/strict';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { olderLog } from '#host/files/log-limit.ts';
import { clusterPaths } from '#host/home/cluster-home.ts';
import { ownHome } from '#testing/cli/own-home.ts';
import { keepCluster, runCommand } from '#testing/cli/run-command.ts';
import { logs } from './logs.ts';

/** A cluster `one`, a command about it, and what that writes on standard output. */
function start(t: TestContext) {
  ownHome(t);
  keepCluster('one');
  const written: string[] = [];
  const output = new PassThrough().on('data', (chunk) => written.push(String(chunk)));
  const run = (flags = '') => runCommand(logs, `logs --name one${flags}`, { output });
  return { log: clusterPaths('one').log, run, text: () => written.join('') };
}

test('logs – a rotated log – is shown before the current one', async (t) => {
  const { log, run, text } = start(t);
  writeFileSync(olderLog(log), 'first\n');
  writeFileSync(log, 'second\n');
  const { failure } = await run();
  assert.deepEqual([text(), failure], ['first\nsecond\n', undefined]);
});

test('logs – followed – shows what is appended, and ends when the cluster is deleted', async (t) => {
  const { log, run, text } = start(t);
  writeFileSync(log, 'first\n');
  const following = run(' --follow');
  const until = async (wanted: string) => {
    while (!text().includes(wanted)) await setTimeout(5);
  };
  await until('first\n');
  appendFileSync(log, 'second\n');
  await until('second\n');
  rmSync(log);
  assert.equal((await following).failure, undefined);
  assert.equal(text(), 'first\nsecond\n');
});

test('logs – a cluster that ran in the foreground – fails, and says where its log went', async (t) => {
  const { run } = start(t);
  const { failure } = await run();
  assert.equal(
    failure,
    'cluster one has no log (one that runs in the foreground writes where it was started)',
  );
});
