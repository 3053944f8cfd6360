/** `kybern delete` of clusters without a real node: whole, damaged, half made, absent. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { clusterPaths } from '#host/home/cluster-home.ts';
import { ownHome } from '#testing/cli/own-home.ts';
import { keepCluster, runCommand } from '#testing/cli/run-command.ts';
import { mergeKubeconfig } from '../shared/kubeconfig-file.ts';
import { deleteCommand } from './delete.ts';

/** A home, and a kubeconfig that is not the user's own. */
function start(t: TestContext): { home: string; kubectlFile: string } {
  const home = ownHome(t);
  const before = process.env['KUBECONFIG'];
  const kubectlFile = join(home, 'kubectl-config');
  process.env['KUBECONFIG'] = kubectlFile;
  t.after(() => {
    if (before === undefined) delete process.env['KUBECONFIG'];
    else process.env['KUBECONFIG'] = before;
  });
  return { home, kubectlFile };
}

const kubeconfigOf = (name: string) => `apiVersion: v1
kind: Config
clusters: [{name: kybern-${name}, cluster: {server: 'https://127.0.0.1:7000'}}]
users: [{name: kybern-${name}, user: {token: x}}]
contexts: [{name: kybern-${name}, context: {cluster: kybern-${name}, user: kybern-${name}}}]
current-context: kybern-${name}
`;

test('delete – a stopped cluster – its folder and its context in the kubeconfig are gone, the others stay', async (t) => {
  const { kubectlFile } = start(t);
  for (const name of ['one', 'two']) {
    keepCluster(name);
    await mergeKubeconfig(name, kubeconfigOf(name));
  }
  const { printed, warned, failure } = await runCommand(deleteCommand, 'delete --name one');
  assert.deepEqual([printed, warned, failure], [['cluster one is deleted'], [], undefined]);
  assert.deepEqual(
    ['one', 'two'].map((name) => existsSync(clusterPaths(name).dir)),
    [false, true],
  );
  const left = readFileSync(kubectlFile, 'utf8');
  assert.deepEqual([left.includes('kybern-one'), left.includes('kybern-two')], [false, true]);
});

test('delete – a config that cannot be read – warns, and deletes the cluster nevertheless', async (t) => {
  start(t);
  keepCluster('one');
  const paths = clusterPaths('one');
  writeFileSync(paths.config, '{');
  const { printed, warned, failure } = await runCommand(deleteCommand, 'delete --name one');
  assert.deepEqual([printed, failure], [['cluster one is deleted'], undefined]);
  assert.equal(warned.length, 1);
  assert.ok(warned[0]!.includes(paths.config), warned.join());
  assert.match(warned[0]!, /; the rest of the cluster is deleted nevertheless$/);
  assert.equal(existsSync(paths.dir), false);
});

test('delete – a folder that an interrupted up left – is removed', async (t) => {
  start(t);
  const { dir } = clusterPaths('one');
  mkdirSync(dir, { recursive: true });
  assert.deepEqual((await runCommand(deleteCommand, 'delete --name one')).printed, [
    'cluster one is deleted',
  ]);
  assert.equal(existsSync(dir), false);
});

test('delete – a kubeconfig that cannot be read – warns and leaves it as it is', async (t) => {
  const { kubectlFile } = start(t);
  keepCluster('one');
  writeFileSync(kubectlFile, '{ not yaml');
  const { printed, warned } = await runCommand(deleteCommand, 'delete --name one');
  assert.deepEqual(printed, ['cluster one is deleted']);
  assert.match(warned.join('\n'), /; it was left as it is$/);
  assert.equal(readFileSync(kubectlFile, 'utf8'), '{ not yaml');
});

test('delete – no such cluster – fails', async (t) => {
  start(t);
  const { failure } = await runCommand(deleteCommand, 'delete --name none');
  assert.equal(failure, 'there is no cluster none (kybern list shows those there are)');
});
