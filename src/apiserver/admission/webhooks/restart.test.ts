/** A broken webhook that means everything must not keep the server from starting, nor its own controllers from working. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps, endpointSlices, validatingWebhookConfigurations } from '#api/generated/kinds.gen.ts';
import { refusalOf, startHooks } from '#testing/server/hooks.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';

test('a server – whose own objects must change while a webhook rejects everything – starts', async (t) => {
  const { api, configure } = await startHooks(t);
  const everything = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] };
  await configure('validating', 'broken', {
    rules: [everything],
    clientConfig: { url: 'https://127.0.0.1:1/' },
  });
  const other = await api.another({ setup: 'kubernetes', advertiseAddress: '192.0.2.2' });
  t.after(other.stop);
  const create = () =>
    refusalOf(other.client.create(configMaps, { metadata: { name: 'c', namespace: 'default' } }));
  assert.match(await create(), /^500 InternalError .*failed calling webhook "broken.example.com"/);
  await other.client.delete(validatingWebhookConfigurations, { name: 'broken' });
  assert.equal(await create(), 'not refused');
  assert.ok(other.env.clock instanceof VirtualClock);
  await other.env.clock.advance(10_000);
  const key = { namespace: 'default', name: 'kubernetes' };
  const { endpoints } = await other.client.get(endpointSlices, key);
  assert.deepEqual(endpoints?.[0]?.addresses, ['192.0.2.2']);
});
