/** Quotas in API servers on one store, with the controller that counts for them. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { configMaps, pods, resourceQuotas, services } from '#api/generated/kinds.gen.ts';
import type { Client } from '#client/client.ts';
import { startControllers } from '#client/controllers/controller-runner.ts';
import { createInformers } from '#client/informers/informers.ts';
import { resourceQuota } from '#controllers/namespaces/resource-quota.ts';
import { systemEnv } from '#host/system-env.ts';
import { openMemoryStore } from '#store/memory/store.ts';
import { eventually } from '#testing/client-suite.ts';
import { newService } from '#testing/objects/services.ts';
import { newContainer, newPod } from '#testing/objects.ts';
import { createDefaultAccount, startTestServer } from '#testing/server/test-server.ts';
import { distantStore } from '#testing/store/distant-store.ts';

const namespace = 'default';
const map = (name: string) => ({ metadata: { name, namespace } });
const says = (code: number, message: string) => ({ code, message });

async function start(t: TestContext) {
  const api = await startTestServer({ setup: 'kubernetes' });
  t.after(api.stop);
  const { env, client } = api;
  await createDefaultAccount(client);
  const informers = createInformers(client, env);
  const controllers = startControllers([resourceQuota], { env, client, informers });
  t.after(async () => {
    await controllers.stop();
    informers.stop();
  });
  const used = (name: string, amount: string) =>
    eventually(env, `${amount} ${name}`, async () => {
      const { status } = await client.get(resourceQuotas, { namespace, name: 'q' });
      return status?.used?.[name] === amount || undefined;
    });
  const limit = async (hard: Record<string, string>) => {
    const quota = await client.create(resourceQuotas, { metadata: { name: 'q', namespace }, spec: { hard } });
    await used(Object.keys(hard)[0]!, '0');
    return quota;
  };
  return { env, client, another: api.another, used, limit };
}

test('a quota – of pods and compute – counts them, and makes containers say what they want', async (t) => {
  const { client, limit } = await start(t);
  await limit({ pods: '2', 'requests.cpu': '1' });
  const asking = (cpu: string) => ({ containers: [newContainer({ resources: { requests: { cpu } } })] });
  await assert.rejects(
    client.create(pods, newPod('vague')),
    says(403, 'pods "vague" is forbidden: failed quota: q: must specify requests.cpu for: c'),
  );
  await client.create(pods, newPod('one', asking('600m')));
  await assert.rejects(
    client.create(pods, newPod('two', asking('600m'))),
    says(
      403,
      'pods "two" is forbidden: exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=600m, limited: requests.cpu=1',
    ),
  );
  await client.create(pods, newPod('two', asking('100m')));
  await assert.rejects(
    client.create(pods, newPod('three', asking('1m'))),
    says(
      403,
      'pods "three" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2',
    ),
  );
});

test('a quota – that has not been counted yet – limits nothing; one without a count for a name refuses', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { client } = api;
  const hard = { 'count/configmaps': '0' };
  const quota = await client.create(resourceQuotas, { metadata: { name: 'q', namespace }, spec: { hard } });
  await client.create(configMaps, map('free'));
  await client.updateStatus(resourceQuotas, { ...quota, status: { hard, used: {} } });
  await assert.rejects(
    client.create(configMaps, map('unknown')),
    says(403, 'configmaps "unknown" is forbidden: status unknown for quota: q, resources: count/configmaps'),
  );
});

test('what is used – objects come and go, the quota changes and goes – follows', async (t) => {
  const { env, client, limit, used } = await start(t);
  const quota = await limit({ 'count/configmaps': '5' });
  await Promise.all(Array.from({ length: 5 }, (_, i) => client.create(configMaps, map(`m${i}`))));
  const full =
    /exceeded quota: q, requested: count\/configmaps=1, used: count\/configmaps=5, limited: count\/configmaps=5/;
  await assert.rejects(client.create(configMaps, map('too-many')), full);
  await client.delete(configMaps, { namespace, name: 'm0' });
  await used('count/configmaps', '4');
  await client.create(configMaps, map('in-its-place'));
  await assert.rejects(client.create(configMaps, map('too-many')), full);
  const newest = await client.get(resourceQuotas, { namespace, name: 'q' });
  await client.update(resourceQuotas, { ...newest, spec: { hard: { 'count/configmaps': '6' } } });
  await eventually(env, 'room', () => client.create(configMaps, map('room-again')).catch(() => undefined));
  await client.delete(resourceQuotas, { namespace, name: quota.metadata.name });
  await client.create(configMaps, map('no-quota'));
});

test('a dry run, an update – of what a quota counts – reserves nothing, is counted for what it adds', async (t) => {
  const { client, limit, used } = await start(t);
  await limit({ 'services.nodeports': '2' });
  const service = (name: string, count: number) =>
    newService(name, {
      type: 'NodePort',
      ports: Array.from({ length: count }, (_, i) => ({ name: `p${i}`, port: i + 1 })),
    });
  await client.create(services, service('a', 2), { dryRun: true });
  await used('services.nodeports', '0');
  const made = await client.create(services, service('a', 1));
  await used('services.nodeports', '1');
  const ports = [...made.spec!.ports!, { name: 'more', port: 9 }];
  const wider = await client.update(services, { ...made, spec: { ...made.spec, ports } });
  await used('services.nodeports', '2');
  const third = [...wider.spec!.ports!, { name: 'third', port: 10 }];
  await assert.rejects(
    client.update(services, { ...wider, spec: { ...wider.spec, ports: third } }),
    /exceeded quota: q, requested: services\.nodeports=1, used: services\.nodeports=2, limited: services\.nodeports=2/,
  );
});

async function burst(servers: readonly Client[]): Promise<number> {
  const names = Array.from({ length: 60 }, (_, i) => `m${i}`);
  const outcomes = await Promise.allSettled(
    names.map((name, i) => servers[i % servers.length]!.create(configMaps, map(name))),
  );
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') assert.match(String(outcome.reason), /exceeded quota: q/);
  }
  return outcomes.filter(({ status }) => status === 'fulfilled').length;
}

test('a burst – through two API servers on one store – fills the quota and does not pass it', async (t) => {
  const { client, limit, another } = await start(t);
  await using second = await another();
  await limit({ 'count/configmaps': '7' });
  assert.equal(await burst([client, second.client]), 7);
});

test('two API servers – a round trip away from their store – do not pass the quota either', async () => {
  const store = distantStore(openMemoryStore(systemEnv()));
  await using first = await startTestServer({ setup: 'kubernetes', env: systemEnv(), store });
  await using second = await first.another();
  const clients = [first.client, second.client];
  const hard = { 'count/configmaps': '7' };
  const made = await clients[0]!.create(resourceQuotas, {
    metadata: { name: 'q', namespace },
    spec: { hard },
  });
  await clients[0]!.updateStatus(resourceQuotas, {
    ...made,
    status: { hard, used: { 'count/configmaps': '0' } },
  });
  // A quota holds from the moment that a server's cache has it.
  for (const client of clients) await client.get(resourceQuotas, { namespace, name: 'q' });
  assert.equal(await burst(clients), 7);
  const { status } = await clients[1]!.get(resourceQuotas, { namespace, name: 'q' });
  assert.deepEqual(status?.used, { 'count/configmaps': '7' });
});

test('objects – created and deleted through two API servers while they are counted – never pass the quota', async (t) => {
  const { env, client, limit, another } = await start(t);
  await using second = await another();
  const servers = [client, second.client];
  await limit({ 'count/configmaps': '3' });
  const stop = new AbortController();
  let stored = 0;
  let most = 0;
  const counting = (async () => {
    for await (const { type } of client.watch(configMaps, { namespace, signal: stop.signal })) {
      if (type === 'ADDED') most = Math.max(most, ++stored);
      if (type === 'DELETED') stored--;
    }
  })();
  let made = 0;
  let names = 0;
  const churn = async (own: Client, other: Client) => {
    while (made < 40) {
      const name = `m${names++}`;
      try {
        await own.create(configMaps, map(name));
        made++;
        await other.delete(configMaps, { namespace, name });
      } catch (error) {
        assert.match(String(error), /exceeded quota: q/);
        await eventually(env, 'room', async () => {
          const { status } = await own.get(resourceQuotas, { namespace, name: 'q' });
          return made >= 40 || Number(status?.used?.['count/configmaps']) < 3 || undefined;
        });
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, i) => churn(servers[i % 2]!, servers[(i + 1) % 2]!)));
  stop.abort();
  await counting;
  assert.ok(most >= 1 && most <= 3, `${most} at once`);
});

test('two quotas – one has no room, the other does not know what the pod wants – the pod is refused for what is unknown', async (t) => {
  const { client, limit } = await start(t);
  await limit({ pods: '0' });
  const metadata = { name: 'r', namespace };
  const stored = await client.create(resourceQuotas, { metadata, spec: { hard: { 'requests.cpu': '1' } } });
  const status = { hard: { 'requests.cpu': '1' }, used: { 'requests.cpu': '0' } };
  await client.updateStatus(resourceQuotas, { ...stored, status }).catch(() => undefined);
  await assert.rejects(
    client.create(pods, newPod('vague')),
    says(403, 'pods "vague" is forbidden: failed quota: r: must specify requests.cpu for: c'),
  );
});
