/** Faults on a real cluster: kybern killed under load, containerd killed, the store put back from a backup. */

import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually, kubectl, kybern, startTestCluster, tryKubectl } from '../support/cluster.ts';
import { addBusybox } from '../support/images.ts';

const name = 'faults';
let cluster: Awaited<ReturnType<typeof startTestCluster>>;
const k = (...args: string[]) => kubectl(cluster, args);
const dir = () => join(cluster.home, 'clusters', name);

before(async () => {
  cluster = await startTestCluster([], name);
  await addBusybox(cluster, 'kybern.test/busybox:1');
  await k('create', 'deployment', 'calm', '--image=kybern.test/busybox:1', '--replicas=2');
  await k('rollout', 'status', 'deployment/calm', '--timeout=60s');
});
after(() => cluster?.dispose());

/** Container ids and restart counts of the calm pods: unchanged when nothing was restarted. */
async function containers(): Promise<string[]> {
  const list = JSON.parse(await k('get', 'pods', '-l', 'app=calm', '-o', 'json'));
  return list.items
    .flatMap((pod: Pod) =>
      pod.status.containerStatuses.map(
        (status) => `${pod.metadata.name} ${status.containerID} ${status.restartCount}`,
      ),
    )
    .sort();
}

interface Pod {
  metadata: { name: string };
  status: { containerStatuses: { containerID: string; restartCount: number }[] };
}

function processId(): number {
  return JSON.parse(readFileSync(join(dir(), 'state.json'), 'utf8')).process.pid;
}

test('killed under load and started again: nothing acknowledged is lost, no container is restarted', async () => {
  const calm = await containers();
  for (let round = 0; round < 3; round++) {
    const acknowledged: string[] = [];
    let stopped = false;
    const writers = [0, 1, 2, 3].map(async (writer) => {
      for (let count = 0; !stopped; count++) {
        const one = `load-${round}-${writer}-${count}`;
        const { code } = await tryKubectl(cluster, ['create', 'configmap', one, '--from-literal=a=b']);
        if (code === 0) acknowledged.push(one);
      }
    });
    await eventually('some writes were acknowledged', () => acknowledged.length >= 8);
    process.kill(processId(), 'SIGKILL');
    stopped = true;
    await Promise.all(writers);
    await kybern(cluster, ['up', '--name', name]);
    const found = new Set(
      (await k('get', 'configmaps', '-o', 'name')).split('\n').map((line) => line.replace('configmap/', '')),
    );
    assert.deepEqual(
      acknowledged.filter((one) => !found.has(one)),
      [],
    );
  }
  assert.deepEqual(await containers(), calm);
});

test('containerd killed: it comes back, the pods run on and new ones start', async () => {
  const calm = await containers();
  const identity = JSON.parse(readFileSync(join(dir(), 'node/containerd.pid'), 'utf8'));
  process.kill(identity.pid, 'SIGKILL');
  await k('scale', 'deployment/calm', '--replicas=3');
  await k('rollout', 'status', 'deployment/calm', '--timeout=60s');
  const now = await containers();
  assert.deepEqual(
    calm.filter((one) => !now.includes(one)),
    [],
  );
});

test('the store put back from a backup: the cluster converges to what the backup says', async () => {
  await kybern(cluster, ['down', '--name', name]);
  const backup = join(cluster.home, 'backup.db');
  copyFileSync(join(dir(), 'state.db'), backup);
  await kybern(cluster, ['up', '--name', name]);
  await k('create', 'configmap', 'after-the-backup');
  await k('scale', 'deployment/calm', '--replicas=1');
  await k('rollout', 'status', 'deployment/calm', '--timeout=60s');
  process.kill(processId(), 'SIGKILL');
  for (const suffix of ['', '-wal', '-shm']) rmSync(join(dir(), `state.db${suffix}`), { force: true });
  copyFileSync(backup, join(dir(), 'state.db'));
  await kybern(cluster, ['up', '--name', name]);
  const { code } = await tryKubectl(cluster, ['get', 'configmap', 'after-the-backup']);
  assert.equal(code, 1);
  await eventually(
    'three pods are ready again',
    async () => (await k('get', 'deployment', 'calm', '-o', 'jsonpath={.status.readyReplicas}')) === '3',
  );
});
