/** Two control planes over one API server on a virtual clock: one is active, and the other takes over. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { deployments, events, leases, nodes, pods } from '#api/generated/kinds.gen.ts';
import type { UserInfo } from '#api/meta/user.ts';
import type { createClient } from '#client/rest/client.ts';
import type { Transport } from '#client/transport/transport.ts';
import { systemEnv } from '#host/system-env.ts';
import { memoryPkiStore } from '#pki/pki.ts';
import { openMemoryStore } from '#store/memory/store.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { StartedParts } from '../started-parts.ts';
import { startApi, startControlLoops } from './control-plane.ts';
import { createReaders } from './readers.ts';

const podRange = '10.244.0.0/16';

async function startTwo(t: TestContext) {
  const clock = new VirtualClock();
  const env = { ...systemEnv(), clock };
  const parts = new StartedParts();
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => {});
  t.after(() => {
    ended.reject(new Error('the test is over'));
    return parts.stop();
  });
  const store = openMemoryStore(env);
  parts.add('store', () => store.close());
  const listen = { host: '127.0.0.1', port: 0 };
  const plane = await startApi(
    {
      env,
      store,
      pkiStore: memoryPkiStore(),
      listen,
      advertiseAddress: '192.0.2.1',
      podRange,
      serviceRange: '10.96.0.0/16',
    },
    parts,
  );
  /** All requests of a control plane; after the cut they get no answer. */
  const control = (identity: string) => {
    let isCutOff = false;
    const wrote: string[] = [];
    const transport = (user: UserInfo): Transport => {
      const real = plane.server.transport(user);
      return {
        request(request) {
          if (request.method !== 'GET') wrote.push(`${request.method} ${request.path}`);
          return isCutOff ? ended.promise : real.request(request);
        },
        close: () => real.close(),
      };
    };
    const readers = createReaders({ env, transport, areSeparate: false });
    parts.add(`informers of ${identity}`, () => readers.stop());
    startControlLoops(
      {
        server: { transport, addMetrics() {} },
        pki: plane.pki,
        serverCaPem: '',
        tokens: plane.tokens,
        readers,
      },
      { env, podRange, identity, deletePath: async () => {} },
      parts,
    );
    return {
      wrote,
      cutOff() {
        isCutOff = true;
      },
    };
  };
  return { clock, client: plane.admin, control };
}

async function holders(client: ReturnType<typeof createClient>) {
  const items = (await client.list(leases, { namespace: 'kube-system' })).items;
  return items.map(({ metadata, spec }) => [metadata.name, spec?.holderIdentity, spec?.leaseTransitions]);
}

test('two control planes – the active one is cut off – the other takes over, and pods are still scheduled', async (t) => {
  const { clock, client, control } = await startTwo(t);
  const first = control('first');
  await clock.advance(1_000);
  const second = control('second');
  await clock.advance(10_000);
  assert.deepEqual(await holders(client), [
    ['kube-controller-manager', 'first', 0],
    ['kube-scheduler', 'first', 0],
  ]);
  await addNode(client);
  await deploy(client, 'before');
  await clock.advance(2_000);
  assert.deepEqual(await bound(client, 'before'), ['node-1', 'node-1']);
  assert.deepEqual(second.wrote, [], 'who does not lead does nothing');

  first.cutOff();
  await deploy(client, 'after');
  await clock.advance(10_000);
  assert.deepEqual(await bound(client, 'after'), [], 'the lease has not run out');
  await clock.advance(15_000);
  assert.deepEqual(await holders(client), [
    ['kube-controller-manager', 'second', 1],
    ['kube-scheduler', 'second', 1],
  ]);
  assert.deepEqual(await bound(client, 'after'), ['node-1', 'node-1']);
  assert.deepEqual(await elected(client), [
    'default-scheduler: first became leader',
    'default-scheduler: second became leader',
    'kube-controller-manager: first became leader',
    'kube-controller-manager: second became leader',
  ]);
});

async function addNode(client: ReturnType<typeof createClient>): Promise<void> {
  await client.create(nodes, { metadata: { name: 'node-1' } });
  const capacity = { cpu: '4', memory: '8Gi', pods: '110' };
  const conditions = [{ type: 'Ready', status: 'True' }];
  const status = { capacity, allocatable: capacity, conditions };
  await client.patch(nodes, { name: 'node-1' }, 'merge', { status }, { subresource: 'status' });
}

async function deploy(client: ReturnType<typeof createClient>, name: string): Promise<void> {
  const labels = { app: name };
  await client.create(deployments, {
    metadata: { name, namespace: 'default' },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'busybox' }] } },
    },
  });
}

async function bound(client: ReturnType<typeof createClient>, app: string): Promise<unknown[]> {
  const { items } = await client.list(pods, { labelSelector: `app=${app}` });
  return items.map((pod) => pod.spec?.nodeName);
}

async function elected(client: ReturnType<typeof createClient>): Promise<string[]> {
  const { items } = await client.list(events, { namespace: 'kube-system' });
  return items
    .filter(({ reason }) => reason === 'LeaderElection')
    .map(({ source, message }) => `${source?.component}: ${message}`)
    .sort();
}
