/** Conditions and events of a pod, and of a victim that was deleted meanwhile. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { events, namespaces } from '#api/generated/kinds.gen.ts';
import { eventually } from '#testing/client-suite.ts';
import { makePod } from '#testing/scheduling/objects.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { Reporter } from './reporter.ts';

const namespace = 'default';

test('evicting a victim – that is already deleted – writes no condition and no event', async () => {
  await using api = await startTestServer();
  const { env, client } = api;
  await client.create(namespaces, { metadata: { name: namespace } });
  const reporter = new Reporter(env, client, 'default-scheduler');
  const urgent = makePod({ name: 'urgent', priority: 10 });
  assert.equal(await reporter.evict(makePod({ name: 'gone' }), urgent, 'a'), false);
  const long = `0/9 nodes are available: ${'x'.repeat(2000)}`;
  reporter.failed(urgent, 'Unschedulable', long);
  const event = await eventually(env, 'an event', async () => {
    const { items } = await client.list(events, { namespace });
    return items.find(({ reason }) => reason === 'FailedScheduling');
  });
  assert.equal(event.message?.length, 1024);
  assert.ok(event.message?.endsWith(' ...'));
  const { items } = await client.list(events, { namespace });
  assert.deepEqual(
    items.map(({ reason }) => reason),
    ['FailedScheduling'],
  );
});
