/** Watches: what they tell, from where they start, and that all of them tell the same. */

import assert from 'node:assert/strict';
import { configMaps } from '#api/generated/kinds.gen.ts';
import type { ConfigMap } from '#api/generated/types.gen.ts';
import type { Stored, WatchEventObject } from '#api/meta/object.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { startWatch, type Watching, watchFromNow } from '../shared/watching.ts';
import { change } from '../shared/workloads.ts';

const label = 'watch-this';

function create(
  { client, namespace }: BehaviourContext,
  name: string,
  value = name,
): Promise<Stored<ConfigMap>> {
  return client.create(configMaps, { metadata: { name, namespace, labels: { [label]: value } } });
}

function mutate({ client, namespace }: BehaviourContext, name: string, round: number) {
  return change(client, configMaps, { namespace, name }, (object) => {
    object.data = { mutation: String(round) };
  });
}

function relabel({ client, namespace }: BehaviourContext, name: string, value: string) {
  return change(client, configMaps, { namespace, name }, ({ metadata }) => {
    metadata.labels = { [label]: value };
  });
}

function remove({ client, namespace }: BehaviourContext, name: string) {
  return client.delete(configMaps, { namespace, name });
}

function line({ type, object }: WatchEventObject<Stored<ConfigMap>>): string {
  return `${type} ${object.metadata.name} ${object.data?.mutation ?? '-'}`;
}

/** Exactly these events; a last write that every watcher must see ends the waiting. */
async function shows(watching: Watching<ConfigMap>, expected: readonly string[]): Promise<void> {
  if (expected.length > 0) {
    await watching.until(expected.at(-1)!, () => watching.events.length >= expected.length);
  }
  assert.deepEqual(watching.events.map(line), expected);
}

async function addUpdateDelete(context: BehaviourContext): Promise<void> {
  const { namespace } = context;
  const watch = (labelSelector: string) => watchFromNow(context, configMaps, { namespace, labelSelector });
  const onA = await watch(`${label}=a`);
  const onB = await watch(`${label}=b`);
  const onBoth = await watch(`${label} in (a,b)`);
  await create(context, 'a');
  await mutate(context, 'a', 1);
  await mutate(context, 'a', 2);
  await remove(context, 'a');
  await create(context, 'b');
  await remove(context, 'b');
  const aboutA = ['ADDED a -', 'MODIFIED a 1', 'MODIFIED a 2', 'DELETED a 2'];
  const aboutB = ['ADDED b -', 'DELETED b -'];
  await shows(onBoth, [...aboutA, ...aboutB]);
  await shows(onA, aboutA);
  await shows(onB, aboutB);
}

async function fromRevision(context: BehaviourContext): Promise<void> {
  const { namespace } = context;
  await create(context, 'a');
  const first = await mutate(context, 'a', 1);
  await mutate(context, 'a', 2);
  await remove(context, 'a');
  const { resourceVersion } = first.metadata;
  const watching = startWatch(context, configMaps, {
    namespace,
    labelSelector: `${label}=a`,
    resourceVersion,
  });
  await shows(watching, ['MODIFIED a 2', 'DELETED a 2']);
}

async function restart(context: BehaviourContext): Promise<void> {
  const { namespace } = context;
  const options = { namespace, labelSelector: `${label}=a` };
  const before = await watchFromNow(context, configMaps, options);
  await create(context, 'a');
  await mutate(context, 'a', 1);
  await shows(before, ['ADDED a -', 'MODIFIED a 1']);
  before.stop();
  await mutate(context, 'a', 2);
  const { resourceVersion } = before.events.at(-1)!.object.metadata;
  const after = startWatch(context, configMaps, { ...options, resourceVersion });
  await remove(context, 'a');
  await shows(after, ['MODIFIED a 2', 'DELETED a 2']);
}

async function leavesSelector(context: BehaviourContext): Promise<void> {
  const { namespace } = context;
  const watching = await watchFromNow(context, configMaps, { namespace, labelSelector: `${label}=in` });
  await create(context, 'a', 'in');
  await mutate(context, 'a', 1);
  await relabel(context, 'a', 'out');
  await mutate(context, 'a', 2);
  await relabel(context, 'a', 'in');
  await mutate(context, 'a', 3);
  await remove(context, 'a');
  await shows(watching, [
    'ADDED a -',
    'MODIFIED a 1',
    'DELETED a 1',
    'ADDED a 2',
    'MODIFIED a 3',
    'DELETED a 3',
  ]);
}

const writes = 100;

/** Creates, changes and deletes, one after the other. */
async function writeMany(context: BehaviourContext): Promise<void> {
  const known = new Set<string>();
  for (let index = 0; index < writes; index++) {
    const oldest = [...known][0];
    const choice = index % 4;
    if (choice === 2 && oldest) await mutate(context, oldest, index);
    else if (choice === 3 && oldest) {
      await remove(context, oldest);
      known.delete(oldest);
    } else {
      await create(context, `c-${index}`);
      known.add(`c-${index}`);
    }
  }
}

/** During writes, each event of the first watch starts another watch there; all of them must go on alike. */
async function sameOrder(context: BehaviourContext): Promise<void> {
  const { namespace } = context;
  const first = await watchFromNow(context, configMaps, { namespace });
  const later: Watching<ConfigMap>[] = [];
  const writing = writeMany(context);
  const follow = () => {
    for (const { object } of first.events.slice(later.length)) {
      const { resourceVersion } = object.metadata;
      later.push(startWatch(context, configMaps, { namespace, resourceVersion }));
    }
    return later.length >= writes;
  };
  await Promise.all([writing, context.eventually('every write is reported', follow)]);
  const versions = (watching: Watching<ConfigMap>) =>
    watching.events.map(({ object }) => object.metadata.resourceVersion);
  const expected = versions(first);
  assert.equal(expected.length, writes);
  assert.equal(new Set(expected).size, writes);
  for (const [index, watching] of later.entries()) {
    const rest = expected.slice(index + 1);
    const hasAll = () => watching.events.length >= rest.length;
    if (rest.length > 0) await watching.until(`watch ${index} shows all`, hasAll);
    assert.deepEqual(versions(watching), rest);
    watching.stop();
  }
}

const title = '[sig-api-machinery] Watchers';

export const watch: readonly Behaviour[] = [
  behaviour(
    `${title} should observe add, update, and delete watch notifications on configmaps [Conformance]`,
    addUpdateDelete,
  ),
  behaviour(
    `${title} should be able to start watching from a specific resource version [Conformance]`,
    fromRevision,
  ),
  behaviour(
    `${title} should be able to restart watching from the last resource version observed by the previous watch [Conformance]`,
    restart,
  ),
  behaviour(
    `${title} should observe an object deletion if it stops meeting the requirements of the selector [Conformance]`,
    leavesSelector,
  ),
  behaviour(`${title} should receive events on concurrent watches in same order [Conformance]`, sameOrder),
];
