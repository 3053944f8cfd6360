/** `kybern list`: the table and the JSON of the clusters in one home, a damaged one among them. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { clusterPaths } from '#host/home/cluster-home.ts';
import { ownHome } from '#testing/cli/own-home.ts';
import { keepCluster, runCommand } from '#testing/cli/run-command.ts';
import { list } from './list.ts';

test('list – an empty home – says how to make a cluster', async (t) => {
  ownHome(t);
  assert.deepEqual((await runCommand(list, 'list')).printed, ['no clusters yet; kybern up makes one']);
});

test('list – two stopped clusters – a row each, the columns aligned', async (t) => {
  ownHome(t);
  keepCluster('one');
  keepCluster('another', { store: 'memory' });
  const { printed, failure } = await runCommand(list, 'list');
  assert.equal(failure, undefined);
  assert.deepEqual(printed.join('\n').split('\n'), [
    'NAME     PHASE  NODES  STORE   API',
    'another  down   0/0    memory  -',
    'one      down   0/0    sqlite  -',
  ]);
});

test('list – a damaged cluster – shows the others too, and fails with what is damaged', async (t) => {
  ownHome(t);
  keepCluster('one');
  keepCluster('two');
  writeFileSync(clusterPaths('two').config, '{');
  const { printed, failure } = await runCommand(list, 'list -o json');
  const shown: { name: string; phase: string }[] = JSON.parse(printed.join('\n'));
  assert.deepEqual(
    shown.map(({ name, phase }) => `${name} ${phase}`),
    ['one down', 'two damaged'],
  );
  assert.ok(failure?.includes(clusterPaths('two').config), String(failure));
});

test('list – an unknown format – fails with those there are', async (t) => {
  ownHome(t);
  const { failure } = await runCommand(list, 'list -o yaml');
  assert.equal(
    failure,
    "error: option '-o, --output <format>' argument 'yaml' is invalid. Allowed choices are text, json.",
  );
});
