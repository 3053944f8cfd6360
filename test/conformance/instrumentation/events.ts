/** Events as objects, in their old group and in their own. */

import assert from 'node:assert/strict';
import { events, eventsK8sIoEvents } from '#api/generated/kinds.gen.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { change, isGone, refusal } from '../shared/workloads.ts';

const time = '2026-01-01T00:00:00.000001Z';
const later = '2026-01-01T00:05:00.000002Z';
const by = { reportingController: 'test-controller', reportingInstance: 'test-node' };

function createEvent({ client, namespace }: BehaviourContext, name: string, labels: Record<string, string>) {
  return client.create(eventsK8sIoEvents, {
    ...by,
    metadata: { name, namespace, labels },
    regarding: { kind: 'Pod', namespace },
    eventTime: time,
    note: 'This is a test event',
    action: 'Do',
    reason: 'Test',
    type: 'Normal',
  });
}

function createCoreEvent(
  { client, namespace }: BehaviourContext,
  name: string,
  labels: Record<string, string>,
) {
  return client.create(events, {
    metadata: { name, namespace, labels },
    involvedObject: { kind: 'Pod', namespace },
    message: 'This is a test event',
    reason: 'Test',
    type: 'Normal',
    count: 1,
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:00Z',
    source: { component: 'test' },
  });
}

function contentOf<T extends { metadata: unknown }>({ metadata: _, ...content }: T): Omit<T, 'metadata'> {
  return content;
}

async function eventsLive(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'event-test' };
  await createEvent(context, key.name, {});
  const found = async (where: { namespace?: string; fieldSelector?: string }) => {
    const { items } = await client.list(eventsK8sIoEvents, where);
    return items.some(({ metadata }) => metadata.namespace === namespace && metadata.name === key.name);
  };
  assert.ok(await found({}));
  assert.ok(await found({ namespace }));
  assert.ok(await found({ namespace, fieldSelector: 'reportingController=test-controller,reason=Test' }));
  assert.ok(!(await found({ namespace, fieldSelector: 'reason=Other' })));
  // By its old group the same event is found by its source, which is the controller that reports it.
  const bySource = await client.list(events, { namespace, fieldSelector: 'source=test-controller' });
  assert.deepEqual(
    bySource.items.map(({ metadata }) => metadata.name),
    [key.name],
  );
  const before = await client.get(eventsK8sIoEvents, key);
  const started = { count: 2, lastObservedTime: time };
  await client.patch(eventsK8sIoEvents, key, 'strategic', { series: started });
  assert.deepEqual(contentOf(await client.get(eventsK8sIoEvents, key)), {
    ...contentOf(before),
    series: started,
  });
  // Upstream's description changes the note; since v1.19 only the old group lets clients change it.
  const renamed = client.patch(eventsK8sIoEvents, key, 'strategic', { note: 'patched' });
  assert.equal((await refusal(renamed)).code, 422);
  await change(client, eventsK8sIoEvents, key, (event) => {
    event.series = { count: 100, lastObservedTime: later };
  });
  const updated = await client.get(eventsK8sIoEvents, key);
  assert.deepEqual(updated.series, { count: 100, lastObservedTime: later });
  await client.delete(eventsK8sIoEvents, key);
  assert.ok(await isGone(client, eventsK8sIoEvents, key));
  assert.ok(!(await found({})));
}

async function coreEventsLive(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'event-test' };
  await createCoreEvent(context, key.name, { 'testevent-constant': namespace });
  const selected = { labelSelector: `testevent-constant=${namespace}` };
  const listed = async () => (await client.list(events, selected)).items;
  assert.deepEqual(
    (await listed()).map(({ metadata }) => metadata.name),
    [key.name],
  );
  await client.patch(events, key, 'strategic', { message: 'patched' });
  assert.equal((await client.get(events, key)).message, 'patched');
  await change(client, events, key, (event) => {
    event.series = { count: 100, lastObservedTime: later };
  });
  assert.deepEqual((await client.get(events, key)).series, { count: 100, lastObservedTime: later });
  await client.delete(events, key);
  assert.deepEqual(await listed(), []);
}

/** Three with a label, all gone at once; what has another label stays. */
async function goesTogether(
  context: BehaviourContext,
  type: typeof events | typeof eventsK8sIoEvents,
  create: typeof createEvent | typeof createCoreEvent,
): Promise<void> {
  const { client, namespace } = context;
  const selected = { namespace, labelSelector: 'testevent-set=true' };
  for (const name of ['one', 'two', 'three']) await create(context, name, { 'testevent-set': 'true' });
  await create(context, 'other', { 'testevent-set': 'false' });
  const count = async () => (await client.list(type as ResourceType, selected)).items.length;
  assert.equal(await count(), 3);
  await client.deleteCollection(type, selected);
  await context.eventually('none is left', async () => (await count()) === 0);
  assert.equal(await isGone(client, type, { namespace, name: 'other' }), false);
}

export const eventsArea: readonly Behaviour[] = [
  behaviour(
    '[sig-instrumentation] Events API should ensure that an event can be fetched, patched, deleted, and listed [Conformance]',
    eventsLive,
  ),
  behaviour(
    '[sig-instrumentation] Events API should delete a collection of events [Conformance]',
    (context) => goesTogether(context, eventsK8sIoEvents, createEvent),
  ),
];

export const coreEvents: readonly Behaviour[] = [
  behaviour(
    '[sig-instrumentation] Events should manage the lifecycle of an event [Conformance]',
    coreEventsLive,
  ),
  behaviour('[sig-instrumentation] Events should delete a collection of events [Conformance]', (context) =>
    goesTogether(context, events, createCoreEvent),
  ),
];
