/** The objects that every cluster begins with, on a server that is restarted over them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  clusterRoleBindings,
  clusterRoles,
  endpointSlices,
  endpoints,
  services,
} from '#api/generated/kinds.gen.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { ensureBootstrap } from './ensure.ts';
import { bootstrapObjects } from './objects.ts';

test('default roles – after a restart – have their removed rules back and keep added ones', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { client } = api;
  const options = { advertiseAddress: '192.0.2.9', securePort: 7443 };
  const viewer = await client.get(clusterRoles, { name: 'system:public-info-viewer' });
  const added = { verbs: ['get'], nonResourceURLs: ['/mine'] };
  await client.update(clusterRoles, { ...viewer, rules: [added] });
  const scheduler = await client.get(clusterRoles, { name: 'system:kube-scheduler' });
  const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'false' };
  await client.update(clusterRoles, {
    ...scheduler,
    metadata: { ...scheduler.metadata, annotations },
    rules: [],
  });
  await client.delete(clusterRoles, { name: 'system:node' });
  const binding = await client.get(clusterRoleBindings, { name: 'system:discovery' });
  await client.update(clusterRoleBindings, { ...binding, subjects: [] });

  await ensureBootstrap(client, options);
  const urls = (await client.get(clusterRoles, { name: 'system:public-info-viewer' })).rules?.flatMap(
    (rule) => rule.nonResourceURLs ?? [],
  );
  assert.ok(urls?.includes('/mine') && urls.includes('/livez') && urls.includes('/version'));
  assert.equal((await client.get(clusterRoles, { name: 'system:kube-scheduler' })).rules?.length ?? 0, 0);
  assert.ok((await client.get(clusterRoles, { name: 'system:node' })).rules?.length);
  const restored = await client.get(clusterRoleBindings, { name: 'system:discovery' });
  assert.equal(restored.subjects?.[0]?.name, 'system:authenticated');
  const key = { namespace: 'default', name: 'kubernetes' };
  assert.equal((await client.get(endpoints, key)).subsets?.[0]?.addresses?.[0]?.ip, '192.0.2.9');
  assert.equal((await client.get(endpointSlices, key)).ports?.[0]?.port, 7443);

  const versions = async () =>
    (await client.list(clusterRoles)).items.map((role) => role.metadata.resourceVersion);
  const before = await versions();
  await ensureBootstrap(client, options);
  assert.deepEqual(await versions(), before, 'a second run writes nothing');
});

test('the kubernetes service – deleted – is created again', async () => {
  const clock = new VirtualClock();
  await using api = await startTestServer({ setup: 'kubernetes', env: { clock } });
  const { client } = api;
  const key = { namespace: 'default', name: 'kubernetes' };
  const before = await client.get(services, key);
  // The endpoints go with their service.
  for (const type of [endpointSlices, services]) await client.delete(type, key);
  await assert.rejects(client.get(endpoints, key), { code: 404 });
  const isBack = (type: ResourceType) => client.get(type, key).catch(() => undefined);
  const areBack = async () =>
    (await Promise.all([services, endpoints, endpointSlices].map(isBack))).every(Boolean);
  for (let seconds = 0; seconds < 30 && !(await areBack()); seconds++) await clock.advance(1000);
  assert.equal((await client.get(services, key)).spec?.clusterIP, before.spec?.clusterIP);
});

test('the kubernetes service – a server on loopback – has no endpoint', () => {
  const kinds = bootstrapObjects({ advertiseAddress: '127.0.0.1', securePort: 1 }).map(
    (object) => object.kind,
  );
  assert.ok(kinds.includes('Service') && !kinds.includes('Endpoints') && !kinds.includes('EndpointSlice'));
});
