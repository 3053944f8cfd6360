/** `kybern up`: flags that it refuses, and clusters that run or start already. Starts are in `test/e2e`. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { clusterPaths, readConfig, removeState, startingState, writeState } from '#host/home/cluster-home.ts';
import { identityOf } from '#host/processes/processes.ts';
import { ownHome } from '#testing/cli/own-home.ts';
import { keepCluster, runCommand } from '#testing/cli/run-command.ts';
import { up } from './up.ts';

// biome-ignore format: a table
for (const { flags, failure } of [
  { flags: '--port 65536', failure: '--port 65536 is not a whole number from 0 to 65535 (try: --port 0)' },
  { flags: '--port -1', failure: '--port -1 is not a whole number from 0 to 65535 (try: --port 0)' },
  { flags: '--simulated 5001', failure: '--simulated 5001 is not a whole number from 0 to 5000 (try: --simulated 0)' },
  { flags: '--simulated 1.5', failure: '--simulated 1.5 is not a whole number from 0 to 5000 (try: --simulated 0)' },
  { flags: '--store etcd', failure: "error: option '--store <store>' argument 'etcd' is invalid. Allowed choices are sqlite, memory." },
  { flags: '--nodes 100', failure: '--nodes 100 is not a whole number from 0 to 99 (try: --nodes 0)' },
  { flags: '--nodes two', failure: '--nodes two is not a whole number from 0 to 99 (try: --nodes 0)' },
  { flags: '--name -', failure: `"-" is no cluster name (lower-case letters, digits and '-' between them, at most 32 characters)` },
]) {
  test(`up ${flags} – is refused, and nothing is made`, async (t) => {
    const home = ownHome(t);
    assert.deepEqual(await runCommand(up, `up ${flags}`), { printed: [], warned: [], failure });
    assert.equal(existsSync(`${home}/clusters`), false);
  });
}

test('up – a cluster that is ready – says where, and starts nothing', async (t) => {
  ownHome(t);
  keepCluster('one');
  const url = 'https://127.0.0.1:7000';
  writeState(clusterPaths('one'), { ...startingState(identityOf(process.pid)!), ready: true, url });
  const { printed, failure } = await runCommand(up, 'up --name one');
  assert.deepEqual([printed, failure], [[`cluster one is running at ${url}`], undefined]);
});

test('up – a cluster that another command is starting – fails with that process', async (t) => {
  ownHome(t);
  keepCluster('one');
  writeState(clusterPaths('one'), startingState(identityOf(process.pid)!));
  const { failure } = await runCommand(up, 'up --name one');
  assert.equal(
    failure,
    `cluster one is being started by process ${process.pid} (wait for it, or run: kybern down --name one)`,
  );
});

test('up --foreground – a new cluster whose start fails – is taken back, and the failure is shown', async (t) => {
  const home = ownHome(t);
  const runs: [string, { acceptLoss: boolean }][] = [];
  const { failure } = await runCommand(up, 'up --name one --nodes 0 --port 0 --foreground --accept-loss', {
    runCluster: async (...run) => {
      runs.push(run);
      throw new Error('no room');
    },
  });
  assert.equal(failure, 'no room (kybern doctor looks for the cause)');
  assert.deepEqual(runs, [['one', { acceptLoss: true }]]);
  assert.equal(existsSync(`${home}/clusters`), false);
});

test('up --config – a file with a misspelt name – is refused by its nearest one, and nothing is made', async (t) => {
  const home = ownHome(t);
  const file = `${home}/cluster.yaml`;
  mkdirSync(home, { recursive: true });
  for (const [text, failure] of [
    [
      '{apiServer: {args: {anonymus-auth: true}}}',
      'apiServer.args has an unknown argument "anonymus-auth" (the nearest known one is anonymous-auth)',
    ],
    [
      '{apiServer: {args: {token-auth-file: none.csv}}}',
      `apiServer.args: token-auth-file names ${home}/none.csv, which is no file (paths are relative to the configuration file)`,
    ],
    [
      '{x: [',
      'yaml: line 1: did not find expected node content (docs/reference/configuration.md says what it may contain)',
    ],
  ] as const) {
    await t.test(text, async () => {
      writeFileSync(file, `${head}${text.slice(1)}`);
      const run = await runCommand(up, `up --name one --nodes 0 --config ${file}`);
      assert.equal(run.failure, `${file}: ${failure}`);
    });
  }
  assert.equal(existsSync(`${home}/clusters`), false);
});

test('up --config – once – is kept for every later start', async (t) => {
  const home = ownHome(t);
  mkdirSync(home, { recursive: true });
  writeFileSync(`${home}/a.yaml`, `${head}apiServer: {args: {token-auth-file: t.csv}}}`);
  writeFileSync(`${home}/b.yaml`, `${head}}`);
  writeFileSync(`${home}/t.csv`, 'a,b,c');
  const kept = async (flags: string) => {
    const { failure } = await runCommand(up, `up --name one --nodes 0 --port 0 --foreground${flags}`, {
      runCluster: async () => {},
    });
    assert.equal(failure, undefined);
    return readConfig(clusterPaths('one'))?.configuration;
  };
  const first = await kept(` --config ${home}/a.yaml`);
  assert.deepEqual(first, {
    apiVersion: 'kybern.dev/v1',
    kind: 'ClusterConfiguration',
    apiServer: { args: { 'token-auth-file': `${home}/t.csv` } },
  });
  removeState(clusterPaths('one'));
  assert.deepEqual(await kept(''), first);
  const running = await runCommand(up, `up --name one --config ${home}/b.yaml`);
  assert.match(running.failure ?? '', /^cluster one is running with another configuration than .*b.yaml/);
  removeState(clusterPaths('one'));
  assert.deepEqual(await kept(` --config ${home}/b.yaml`), {
    apiVersion: 'kybern.dev/v1',
    kind: 'ClusterConfiguration',
  });
});

const head = '{apiVersion: kybern.dev/v1, kind: ClusterConfiguration, ';
