/** `kybern kubeconfig`: what it prints of a cluster that has started once, and what it says of others. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { clusterPaths } from '#host/home/cluster-home.ts';
import { ownHome } from '#testing/cli/own-home.ts';
import { keepCluster, runCommand } from '#testing/cli/run-command.ts';
import { kubeconfig } from './kubeconfig.ts';

test('kubeconfig – a cluster that has started – prints the file, without its last line break', async (t) => {
  ownHome(t);
  keepCluster('one');
  writeFileSync(clusterPaths('one').kubeconfig, 'kind: Config\nusers: []\n');
  const { printed, failure } = await runCommand(kubeconfig, 'kubeconfig --name one');
  assert.deepEqual([printed, failure], [['kind: Config\nusers: []'], undefined]);
});

for (const { title, name, failure } of [
  {
    title: 'a cluster that never started',
    name: 'one',
    failure: 'cluster one has no kubeconfig (start it: kybern up --name one)',
  },
  {
    title: 'no such cluster',
    name: 'two',
    failure: 'there is no cluster two (kybern list shows those there are)',
  },
  {
    title: 'a name that no cluster can have',
    name: 'Two!',
    failure: `"Two!" is no cluster name (lower-case letters, digits and '-' between them, at most 32 characters)`,
  },
]) {
  test(`kubeconfig – ${title} – fails, and says what to do`, async (t) => {
    ownHome(t);
    keepCluster('one');
    const outcome = await runCommand(kubeconfig, `kubeconfig --name ${name}`);
    assert.deepEqual(outcome, { printed: [], warned: [], failure });
  });
}
