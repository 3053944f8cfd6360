/** Pods of a folder of manifests, on a real containerd: their life does not depend on the API, which shows them. */

import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { readKubeletConfiguration } from '#api/configuration/kubelet/kubelet-configuration.ts';
import { nodes, pods } from '#api/generated/kinds.gen.ts';
import type { Container } from '#api/generated/types.gen.ts';
import { nodeName, RealKubelet, shell } from '../../support/real-kubelet.ts';

const node = new RealKubelet();
const namespace = 'e2e';
const manifests = `${node.dir}/manifests`;
const name = `web-${nodeName}`;

before(() => {
  mkdirSync(manifests);
  node.config = readKubeletConfiguration({ staticPodPath: manifests });
  return node.start();
});
after(() => node.stop());

function write(container: Container): void {
  const manifest = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace },
    spec: { containers: [container], terminationGracePeriodSeconds: 1 },
  };
  writeFileSync(`${manifests}/web.json`, JSON.stringify(manifest));
}

const mirrorUid = async () => (await node.client.get(pods, { namespace, name })).metadata.uid;

test('a static pod – in a folder of manifests – lives by its manifest alone', async (t) => {
  writeFileSync(`${manifests}/broken.yaml`, 'kind: [');
  write(shell('echo first; sleep 1000'));

  await t.test('it runs, and the API shows its status and log', async () => {
    await node.untilReady(name);
    assert.match(await node.untilLogged(name, 'first'), /first/);
    const printed = await node.kube(['exec', name, '--', 'echo', 'inside']);
    assert.equal(printed, 'inside\n');
  });

  const { containerID } = await node.containerOf(name);

  await t.test('a deleted mirror is made again, and the container runs on', async () => {
    const before = await mirrorUid();
    await node.kube(['delete', 'pod', name, '--wait=false']);
    await node.until('a new mirror', async () => (await mirrorUid()) !== before);
    await node.untilReady(name);
    assert.equal((await node.containerOf(name)).containerID, containerID);
  });

  await t.test('a kubelet that starts again finds it', async () => {
    const before = await mirrorUid();
    await node.kubelet.stop();
    await node.startKubelet();
    await node.untilReady(name);
    assert.equal((await node.containerOf(name)).containerID, containerID);
    assert.equal(await mirrorUid(), before);
  });

  await t.test('a changed manifest is another pod', async () => {
    write(shell('echo second; sleep 1000'));
    await node.until('the new pod', async () => {
      const now = await node.containerOf(name);
      return now.containerID !== undefined && now.containerID !== containerID;
    });
    await node.untilLogged(name, 'second');
  });

  await t.test('without its manifest it ends, and its mirror goes', async () => {
    rmSync(`${manifests}/web.json`);
    await node.until('no mirror', async () => {
      const { items } = await node.client.list(pods, { namespace });
      return items.length === 0;
    });
    await node.until('no container', async () => (await node.runtime.listContainers()).length === 0);
  });
});

test('a static pod – on a full node – ends a pod that was there before it', async () => {
  const cpus = (await node.client.get(nodes, { name: nodeName })).status?.allocatable?.['cpu'] ?? '';
  const resources = { requests: { cpu: cpus } };
  await node.create('filler', { containers: [shell('sleep 1000', { resources })] });
  await node.untilReady('filler');
  write(shell('sleep 1000', { resources }));
  await node.untilReady(name);
  const { phase, reason } = await node.statusOf('filler');
  assert.deepEqual([phase, reason], ['Failed', 'Preempting']);
  assert.deepEqual(await node.eventsOf('filler', 'Preempting'), ['Preempted in order to admit critical pod']);
});
