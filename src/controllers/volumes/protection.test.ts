/** Claims stay while a pod uses them, volumes while a claim is bound to them. */

import assert from 'node:assert/strict';
import test from 'node:test';
import {
  namespaces,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
} from '#api/generated/kinds.gen.ts';
import type { Client } from '#client/client.ts';
import { startControllers } from '#client/controllers/controller-runner.ts';
import { createInformers } from '#client/informers/informers.ts';
import { systemEnv } from '#host/system-env.ts';
import { openInProcess } from '#testing/api-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { pvProtection } from './pv-protection.ts';
import { pvcProtection } from './pvc-protection.ts';

const resources = { requests: { storage: '1Gi' } };

async function makeClaim(client: Client, name: string): Promise<void> {
  const spec = { accessModes: ['ReadWriteOnce' as const], storageClassName: '', resources };
  await client.create(persistentVolumeClaims, { metadata: { name, namespace: 'default' }, spec });
}

async function makePod(client: Client, name: string, claimName: string, nodeName?: string): Promise<void> {
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName } }];
  const containers = [{ name: 'c', image: 'i' }];
  const spec = { terminationGracePeriodSeconds: 0, containers, volumes, ...(nodeName ? { nodeName } : {}) };
  await client.create(pods, { metadata: { name, namespace: 'default' }, spec });
}

async function withControllers(run: (client: Client, clock: VirtualClock) => Promise<void>): Promise<void> {
  const clock = new VirtualClock();
  const env = { ...systemEnv(), clock };
  const { client, close } = await openInProcess(env);
  const informers = createInformers(client, env);
  await client.create(namespaces, { metadata: { name: 'default' } });
  await client.create(nodes, { metadata: { name: 'n1' } });
  const controllers = startControllers([pvProtection, pvcProtection], { env, client, informers });
  try {
    await run(client, clock);
  } finally {
    await controllers.stop();
    informers.stop();
    await close();
  }
}

test('a claim goes when the last pod on a node that names it is gone', () =>
  withControllers(async (client, clock) => {
    const at = (name: string) => ({ namespace: 'default', name });
    const claims = async () =>
      (await client.list(persistentVolumeClaims)).items.map(({ metadata }) => metadata.name);
    for (const name of ['unused', 'waited-for', 'used']) await makeClaim(client, name);
    await clock.advance(100);
    const { metadata } = await client.get(persistentVolumeClaims, at('used'));
    assert.deepEqual(metadata.finalizers, ['kubernetes.io/pvc-protection'], 'put on where it is missing');
    await makePod(client, 'unplaced', 'waited-for');
    await makePod(client, 'placed', 'used', 'n1');
    for (const name of ['unused', 'waited-for', 'used'])
      await client.delete(persistentVolumeClaims, at(name));
    await clock.advance(100);
    assert.deepEqual(await claims(), ['used']);
    const ended = { status: { phase: 'Succeeded' } };
    await client.patch(pods, at('placed'), 'merge', ended, { subresource: 'status' });
    await clock.advance(100);
    assert.deepEqual(await claims(), ['used'], 'a pod that ended still names it');
    await client.delete(pods, at('placed'), { gracePeriodSeconds: 0 });
    await clock.advance(100);
    assert.deepEqual(await claims(), []);
  }));

test('a volume goes when it is not bound', () =>
  withControllers(async (client, clock) => {
    const key = { name: 'v' };
    const setPhase = (phase: string) =>
      client.patch(persistentVolumes, key, 'merge', { status: { phase } }, { subresource: 'status' });
    await client.create(persistentVolumes, {
      metadata: key,
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '1Gi' },
        hostPath: { path: '/tmp/v' },
      },
    });
    await setPhase('Bound');
    await clock.advance(100);
    await client.delete(persistentVolumes, key);
    await clock.advance(100);
    assert.equal((await client.list(persistentVolumes)).items.length, 1);
    await setPhase('Released');
    await clock.advance(100);
    assert.equal((await client.list(persistentVolumes)).items.length, 0);
  }));
