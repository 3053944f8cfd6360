/** The scale subresource, the same for every workload that has one. */

import assert from 'node:assert/strict';
import type { Scale } from '#api/generated/types.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { Client, ObjectKey } from '#client/client.ts';

export async function getScale(client: Client, type: ResourceType, key: ObjectKey): Promise<Scale> {
  return client.get(type as ResourceType<Scale>, key, 'scale');
}

/** Reads, updates and patches it; the workload itself must follow each time. */
export async function provesScale<T extends KubeObject & { spec?: { replicas?: number } }>(
  client: Client,
  type: ResourceType<T>,
  key: ObjectKey,
  replicas: number,
): Promise<void> {
  const scale = await getScale(client, type, key);
  assert.equal(scale.kind, 'Scale');
  assert.equal(scale.apiVersion, 'autoscaling/v1');
  assert.equal(scale.spec?.replicas, replicas);
  const updated = await client.update(
    type as ResourceType<Scale>,
    { ...scale, spec: { replicas: replicas + 1 } },
    { subresource: 'scale' },
  );
  assert.equal(updated.spec?.replicas, replicas + 1);
  assert.equal((await client.get(type, key)).spec?.replicas, replicas + 1);
  const patch = { spec: { replicas: replicas + 3 } };
  await client.patch(type, key, 'merge', patch, { subresource: 'scale' });
  assert.equal((await client.get(type, key)).spec?.replicas, replicas + 3);
  assert.equal((await getScale(client, type, key)).spec?.replicas, replicas + 3);
}
