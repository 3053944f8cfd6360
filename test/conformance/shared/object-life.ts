/**
 * What every kind promises of its objects: discovered, created, read, listed, watched, patched, updated and
 * deleted.
 */

import assert from 'node:assert/strict';
import type { KubeObject } from '#api/meta/object.ts';
import { apiVersionOf, type ResourceType } from '#api/meta/resource.ts';
import type { ObjectKey } from '#client/client.ts';
import type { BehaviourContext } from '../behaviour.ts';
import { watchFromNow } from './watching.ts';
import { change, isGone } from './workloads.ts';

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

interface ResourceList {
  resources: { name: string; verbs: string[] }[];
}

/** The group, its version, the resource with every verb, and its subresources with theirs. */
export async function isDiscovered(
  { client }: BehaviourContext,
  type: ResourceType,
  subresources: readonly string[] = [],
): Promise<void> {
  const { groups } = (await client.raw('GET', '/apis')) as { groups: { name: string }[] };
  assert.ok(
    groups.some(({ name }) => name === type.group),
    `group ${type.group}`,
  );
  const group = (await client.raw('GET', `/apis/${type.group}`)) as { versions: { version: string }[] };
  assert.ok(
    group.versions.some(({ version }) => version === type.version),
    `version ${type.version}`,
  );
  const { resources } = (await client.raw('GET', `/apis/${apiVersionOf(type)}`)) as ResourceList;
  const verbsOf = (name: string) => resources.find((resource) => resource.name === name)?.verbs ?? [];
  assert.deepEqual([...verbsOf(type.resource)].sort(), verbs);
  for (const subresource of subresources) {
    assert.deepEqual([...verbsOf(`${type.resource}/${subresource}`)].sort(), ['get', 'patch', 'update']);
  }
}

export interface Life<T extends KubeObject> {
  /** What an object holds besides its metadata; `index` for what must differ from one to the next. */
  readonly body: (index: number) => Omit<T, 'metadata'>;
  /** For kinds whose objects cannot be called anything. */
  readonly nameOf?: (index: number) => string;
  readonly subresources?: readonly string[];
  /** Something more to prove of one of the objects while it is there. */
  readonly during?: (key: ObjectKey) => Promise<void>;
}

const annotate = (word: string) => ({ metadata: { annotations: { [word]: 'true' } } });

/** Three objects, from their creation to the deletion of one and then of the others together. */
export async function livesAsObject<T extends KubeObject>(
  context: BehaviourContext,
  type: ResourceType<T>,
  life: Life<T>,
): Promise<void> {
  const { client, namespace } = context;
  const scope = type.namespaced ? { namespace } : {};
  const selected = { labelSelector: `life=${namespace}` };
  const nameOf = life.nameOf ?? ((index: number) => `life-${index}-of-${namespace}`);
  const keyOf = (index: number) => ({ ...scope, name: nameOf(index) });
  const namesIn = async (where: { namespace?: string }) => {
    const { items } = await client.list(type, { ...where, ...selected });
    return items.map(({ metadata }) => metadata.name).sort();
  };

  if (type.group !== '') await isDiscovered(context, type, life.subresources);
  const watching = await watchFromNow(context, type, { ...scope, ...selected });
  if (!type.namespaced) context.after(() => client.deleteCollection(type, selected));
  for (const index of [0, 1, 2]) {
    const metadata = { ...keyOf(index), labels: { life: namespace } };
    await client.create(type, { ...life.body(index), metadata } as unknown as T);
  }
  const names = [0, 1, 2].map(nameOf).sort();
  assert.deepEqual(await namesIn(scope), names);
  assert.deepEqual(await namesIn({}), names);

  const key = keyOf(0);
  const { metadata } = await client.get(type, key);
  const patched = await client.patch(type, key, 'merge', annotate('patched'));
  assert.equal(patched.metadata.annotations?.['patched'], 'true');
  const updated = await change(client, type, key, (object) => {
    object.metadata.annotations = { ...object.metadata.annotations, updated: 'true' };
  });
  assert.equal(updated.metadata.uid, metadata.uid);
  await watching.until('what was patched and updated is reported', ({ type: what, object }) => {
    const reported = object.metadata.annotations ?? {};
    return what === 'MODIFIED' && reported['patched'] === 'true' && reported['updated'] === 'true';
  });
  await life.during?.(key);

  await client.delete(type, key);
  await context.eventually('the first is gone', () => isGone(client, type, key));
  assert.deepEqual(
    await namesIn(scope),
    names.filter((name) => name !== key.name),
  );
  await client.deleteCollection(type, { ...scope, ...selected });
  await context.eventually('all are gone', async () => (await namesIn(scope)).length === 0);
  for (const name of names) {
    await watching.until(
      `the end of ${name} is reported`,
      ({ type: what, object }) => what === 'DELETED' && object.metadata.name === name,
    );
  }
}
