/** Pods of a folder of manifests, on a real containerd: their life does not depend on the API, which shows them. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { readKubeletConfiguration } from '#api/configuration/kubelet/kubelet-configuration.ts';
import { nodes, pods } from '#api/generated/kinds.gen.ts';
import type { Container } from '#api/generated/types.gen.ts';
import { nodeName, RealKubelet, shell } from '../../support/real-kubelet.ts';

const node = new RealKubelet();
const namespace = 'e2e';
const manifests = `${node.dir}/manifests`;
const name = `web-${nodeName}`;

/** What the address of manifests answers. */
let answer = '';
const server = createServer((_, response) => response.end(answer));

before(async () => {
  mkdirSync(manifests);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  node.config = readKubeletConfiguration({
    staticPodPath: manifests,
    staticPodURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    httpCheckFrequency: '1s',
  });
  await node.start();
});
after(async () => {
  await node.stop();
  server.close();
});

const manifestOf = (name: string, container: Container) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace },
  spec: { containers: [container], terminationGracePeriodSeconds: 1 },
});

function write(container: Container): void {
  writeFileSync(`${manifests}/web.json`, JSON.stringify(manifestOf('web', container)));
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

test('static pods – of an address – begin and end with its answers', async () => {
  const items = ['far', 'farther'].map((far) => manifestOf(far, shell('sleep 1000')));
  answer = JSON.stringify({ apiVersion: 'v1', kind: 'PodList', items });
  await node.untilReady(`far-${nodeName}`);
  await node.untilReady(`farther-${nodeName}`);
  answer = JSON.stringify(items[0]);
  await node.until('one pod', async () => {
    const { items: left } = await node.client.list(pods, { namespace });
    return left.map(({ metadata }) => metadata.name).join() === `far-${nodeName}`;
  });
  answer = '';
  await node.until('no pod', async () => (await node.client.list(pods, { namespace })).items.length === 0);
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
