/** Addresses and node ports of services, through one API server and through two on one store. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { endpoints, ipAddresses, serviceCIDRs, services } from '#api/generated/kinds.gen.ts';
import type { ServiceSpec } from '#api/generated/types.gen.ts';
import type { Client } from '#client/client.ts';
import { newService } from '#testing/objects/services.ts';
import { startTestServer } from '#testing/server/test-server.ts';

const namespace = 'default';
const service = (name: string, spec: Partial<ServiceSpec> = {}) =>
  newService(name, { ports: [{ port: 80, protocol: 'TCP' }], ...spec });
const create = (client: Client, name: string, spec: Partial<ServiceSpec> = {}, dryRun = false) =>
  client.create(services, service(name, spec), dryRun ? { dryRun } : {});
const addressNames = async (client: Client) =>
  (await client.list(ipAddresses)).items.map(({ metadata }) => metadata.name).sort();

test('a service – created without an address – gets one of the upper band, families, and an IPAddress object', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { client } = api;
  const { spec } = await create(client, 'web');
  const [a, b, c, d] = spec!.clusterIP!.split('.').map(Number);
  assert.deepEqual([a, b], [10, 96]);
  assert.ok(c! * 256 + d! > 256);
  assert.deepEqual(spec!.clusterIPs, [spec!.clusterIP]);
  assert.deepEqual([spec!.ipFamilies, spec!.ipFamilyPolicy], [['IPv4'], 'SingleStack']);
  const address = await client.get(ipAddresses, { name: spec!.clusterIP! });
  assert.deepEqual(address.metadata.labels, {
    'ipaddress.kubernetes.io/ip-family': 'IPv4',
    'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
  });
  assert.deepEqual(address.spec, { parentRef: { resource: 'services', namespace, name: 'web' } });
});

test('an address – that is asked for – is given once, and again after its service is deleted', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { client } = api;
  await create(client, 'first', { clusterIP: '10.96.0.10' });
  await assert.rejects(create(client, 'second', { clusterIP: '10.96.0.10' }), {
    message:
      'Service "second" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.10"]: failed to allocate IP 10.96.0.10: provided IP is already allocated',
  });
  await assert.rejects(
    create(client, 'second', { clusterIP: '10.1.0.1' }),
    /failed to allocate IP 10\.1\.0\.1: the provided network does not match the current range$/,
  );
  await client.delete(services, { namespace, name: 'first' });
  assert.deepEqual(await addressNames(client), ['10.96.0.1']);
  await create(client, 'second', { clusterIP: '10.96.0.10' });
});

test('the address of a service – changed to a free one, to that of another or out of the range – may not change', async (t) => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { client } = api;
  await create(client, 'first', { clusterIP: '10.96.0.10' });
  const web = await create(client, 'web', { clusterIP: '10.96.0.11' });
  const before = await addressNames(client);
  for (const address of ['10.96.0.12', '10.96.0.10', '10.1.0.1']) {
    await t.test(address, async () => {
      const spec = { ...web.spec!, clusterIP: address, clusterIPs: [address] };
      await assert.rejects(client.update(services, { ...web, spec }), {
        message: `Service "web" is invalid: spec.clusterIPs[0]: Invalid value: ["${address}"]: may not change once set`,
      });
    });
  }
  assert.deepEqual(await addressNames(client), before);
});

test('a service – headless or an ExternalName – takes no address', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { client } = api;
  const { spec } = await create(client, 'db', { clusterIP: 'None', selector: { app: 'db' } });
  assert.deepEqual(spec!.clusterIPs, ['None']);
  const external = await create(client, 'outside', {
    type: 'ExternalName',
    externalName: 'example.org',
    ports: [],
  });
  assert.equal(external.spec!.clusterIP, undefined);
  assert.equal(external.spec!.ipFamilies, undefined);
  assert.deepEqual(await addressNames(client), ['10.96.0.1']);
});

test('a service – that is refused after it has got its address – gives it back', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { client } = api;
  await create(client, 'web', { type: 'NodePort', ports: [{ port: 80, nodePort: 32000 }] });
  const before = await addressNames(client);
  const taken = { type: 'NodePort', ports: [{ port: 80, nodePort: 32000 }] };
  await assert.rejects(create(client, 'other', taken), /provided port is already allocated/);
  await assert.rejects(create(client, 'web'), /"web" already exists/);
  assert.deepEqual(await addressNames(client), before);
});

test('a dry run – of a service – takes nothing: it has the address of the range itself, and a port above all others', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { client } = api;
  const { spec } = await create(client, 'web', { type: 'NodePort' }, true);
  assert.equal(spec!.clusterIP, '10.96.0.0');
  assert.equal(spec!.ports![0]!.nodePort, 32769);
  await assert.rejects(
    create(client, 'web', { clusterIP: '10.1.0.1' }, true),
    /the provided IP \(10\.1\.0\.1\) is not in the valid range\. The range of valid IPs is 10\.96\.0\.0\/16$/,
  );
  assert.deepEqual(await addressNames(client), ['10.96.0.1']);
});

test('an update – without node ports – keeps those of ports of the same name, whatever their number', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const ports = [
    { name: 'a', port: 80, nodePort: 32000 },
    { name: 'b', port: 81, nodePort: 32001 },
  ];
  const web = await create(api.client, 'web', { type: 'NodePort', ports });
  const changed = (fields: object) => ({ ...web, spec: { ...web.spec!, ...fields } });
  const named = [
    { name: 'b', port: 80 },
    { name: 'a', port: 81 },
  ];
  const { spec } = await api.client.update(services, changed({ ports: named }), { dryRun: true });
  assert.deepEqual(
    spec!.ports!.map(({ nodePort }) => nodePort),
    [32001, 32000],
  );
  const twice = [
    { name: 'a', port: 80 },
    { name: 'a', port: 81 },
  ];
  const refused = api.client.update(services, changed({ ports: twice }));
  await assert.rejects(refused, { code: 500, message: 'duplicate nodePort: {TCP 32000}' });
});

test('a service – that becomes an ExternalName – gives its address and ports back, its deleted endpoints go', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { client } = api;
  const ports = [{ port: 80, nodePort: 32000 }];
  const web = await create(client, 'web', { type: 'NodePort', ports });
  await client.create(endpoints, { metadata: { name: 'web', namespace } });
  const { clusterIP: _, clusterIPs: __, ...rest } = web.spec!;
  await client.update(services, {
    ...web,
    spec: { ...rest, type: 'ExternalName', externalName: 'example.org', ports: [{ port: 80 }] },
  });
  assert.deepEqual(await addressNames(client), ['10.96.0.1']);
  await create(client, 'other', { type: 'NodePort', ports });
  await client.delete(services, { namespace, name: 'web' });
  await assert.rejects(client.get(endpoints, { namespace, name: 'web' }), { code: 404 });
});

test('a ServiceCIDR – the second, when the first is full – serves; one that is being deleted does not', async () => {
  await using api = await startTestServer({ setup: 'kubernetes', serviceCidr: '10.96.0.0/30' });
  const { client } = api;
  await create(client, 'last');
  const full = 'Internal error occurred: failed to allocate a serviceIP for Service "more": range is full';
  await assert.rejects(create(client, 'more'), { message: full });
  await client.create(serviceCIDRs, {
    metadata: { name: 'second', finalizers: ['example.org/kept'] },
    spec: { cidrs: ['10.97.0.0/24'] },
  });
  assert.match((await create(client, 'more')).spec!.clusterIP!, /^10\.97\.0\./);
  await client.delete(serviceCIDRs, { name: 'second' });
  await client.delete(services, { namespace, name: 'more' });
  await assert.rejects(create(client, 'more'), { message: full });
});

/** One store, two API servers. */
async function startTwo(t: TestContext): Promise<Client[]> {
  const first = await startTestServer({ setup: 'kubernetes' });
  const second = await first.another();
  t.after(async () => {
    await second.stop();
    await first.stop();
  });
  return [first.client, second.client];
}

test('two API servers – on one store – give out each address and each node port once', async (t) => {
  const servers = await startTwo(t);
  const made = await Promise.all(
    Array.from({ length: 120 }, (_, i) => {
      const spec: Partial<ServiceSpec> = {
        type: 'LoadBalancer',
        externalTrafficPolicy: 'Local',
        ports: [{ port: 80 }],
      };
      return create(servers[i % 2]!, `web-${i}`, spec);
    }),
  );
  const addresses = made.map(({ spec }) => spec!.clusterIP!);
  const ports = made.flatMap(({ spec }) => [spec!.ports![0]!.nodePort!, spec!.healthCheckNodePort!]);
  assert.equal(new Set(addresses).size, 120);
  assert.equal(new Set(ports).size, 240);
  assert.deepEqual(await addressNames(servers[1]!), [...addresses, '10.96.0.1'].sort());
});

test('two API servers – asked for the same address and port – give them to one service only', async (t) => {
  const servers = await startTwo(t);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, (_, i) => {
      const ports = [{ port: 80, nodePort: 32000 }];
      return create(servers[i % 2]!, `web-${i}`, { type: 'NodePort', clusterIP: '10.96.0.10', ports });
    }),
  );
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
  const stored = (await servers[0]!.list(services, { namespace })).items;
  assert.equal(stored.filter(({ spec }) => spec!.clusterIP === '10.96.0.10').length, 1);
});

const bothFamilies = { setup: 'kubernetes', serviceCidr: '10.96.0.0/16,fd00:96::/112' } as const;

test('a service – of both families – gets an address of each, and an IPAddress object for each', async () => {
  await using api = await startTestServer(bothFamilies);
  const { client } = api;
  const { spec } = await create(client, 'web', { ipFamilyPolicy: 'RequireDualStack' });
  assert.deepEqual(spec!.ipFamilies, ['IPv4', 'IPv6']);
  assert.match(spec!.clusterIPs!.join(), /^10\.96\.\d+\.\d+,fd00:96::[0-9a-f]+$/);
  assert.equal(spec!.clusterIP, spec!.clusterIPs![0]);
  const address = await client.get(ipAddresses, { name: spec!.clusterIPs![1]! });
  assert.equal(address.metadata.labels!['ipaddress.kubernetes.io/ip-family'], 'IPv6');
  const range = await client.get(serviceCIDRs, { name: 'kubernetes' });
  assert.deepEqual(range.spec!.cidrs, ['10.96.0.0/16', 'fd00:96::/112']);
  await client.delete(services, { namespace, name: 'web' });
  assert.deepEqual(await addressNames(client), ['10.96.0.1']);
});

test('a service – upgraded to both families and back – keeps its first address; the second is taken and released', async () => {
  await using api = await startTestServer(bothFamilies);
  const { client } = api;
  const before = await create(client, 'web');
  assert.equal(before.spec!.clusterIPs!.length, 1);
  const asked = ['fd00:96::42'];
  const upgraded = await client.update(services, {
    ...before,
    spec: {
      ...before.spec!,
      ipFamilyPolicy: 'PreferDualStack',
      clusterIPs: [before.spec!.clusterIP!, ...asked],
    },
  });
  assert.deepEqual(upgraded.spec!.clusterIPs, [before.spec!.clusterIP, 'fd00:96::42']);
  assert.deepEqual(upgraded.spec!.ipFamilies, ['IPv4', 'IPv6']);
  assert.ok((await addressNames(client)).includes('fd00:96::42'));
  const single = await client.update(services, {
    ...upgraded,
    spec: { ...upgraded.spec!, ipFamilyPolicy: 'SingleStack' },
  });
  assert.deepEqual(single.spec!.clusterIPs, [before.spec!.clusterIP]);
  assert.ok(!(await addressNames(client)).includes('fd00:96::42'));
});

test('a service – of a cluster of IPv6 alone – gets an IPv6 address', async () => {
  await using api = await startTestServer({ setup: 'kubernetes', serviceCidr: 'fd00:96::/112' });
  const { client } = api;
  const { spec } = await create(client, 'web');
  assert.match(spec!.clusterIP!, /^fd00:96::/);
  assert.deepEqual([spec!.ipFamilies, spec!.ipFamilyPolicy], [['IPv6'], 'SingleStack']);
  const kubernetes = await client.get(services, { namespace, name: 'kubernetes' });
  assert.deepEqual(kubernetes.spec!.clusterIPs, ['fd00:96::1']);
});
