import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controllerRevisions, daemonSets, deployments, replicaSets } from '#api/generated/kinds.gen.ts';
import type { Deployment, ReplicaSet } from '#api/generated/types.gen.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { Client } from '#client/client.ts';
import { printed } from '#testing/controllers/plans.ts';
import { storedReplicaSet } from '#testing/objects/workloads.ts';
import { ownedBy, storedMetadata } from '#testing/objects.ts';
import { dataOf } from './controller-revisions.ts';
import { countCollision, type NameCollision } from './name-collision.ts';

const namespace = 'default';
const owner: Stored<Deployment> = {
  metadata: storedMetadata('web', { namespace }),
  status: { collisionCount: 1, replicas: 3 },
};
const template = (image: string) => ({ spec: { containers: [{ name: 'c', image }] } });
const withHash = (image: string) => ({
  ...template(image),
  metadata: { labels: { 'pod-template-hash': 'x' } },
});

function replicaSet(image: string, isOurs = true): Stored<ReplicaSet> {
  const ownerReferences = isOurs ? [ownedBy(deployments, owner)] : [];
  return storedReplicaSet('web-x', { metadata: { ownerReferences }, spec: { template: withHash(image) } });
}

const revision = (image: string): Stored<KubeObject> & { data: unknown } => ({
  metadata: storedMetadata('ds-x', { namespace }),
  data: dataOf(template(image)),
});

async function stepsFor(collision: Omit<NameCollision, 'owner'>, taken: Stored<KubeObject>) {
  const client = { get: async () => taken } as unknown as Client;
  return countCollision.carryOut({ owner, ...collision }, client, {});
}

const wanted = { ownerType: deployments, type: replicaSets, object: replicaSet('v1') };
const counted = ['status Deployment default/web'];
const rows: [string, Omit<NameCollision, 'owner'>, Stored<KubeObject>, string[]][] = [
  ['by this very ReplicaSet', wanted, replicaSet('v1'), []],
  ['by a ReplicaSet of another template', wanted, replicaSet('v2'), counted],
  ['by a ReplicaSet of another owner', wanted, replicaSet('v1', false), counted],
  [
    'by this very revision',
    { ownerType: daemonSets, type: controllerRevisions, object: revision('v1') },
    revision('v1'),
    [],
  ],
  [
    'by another revision',
    { ownerType: daemonSets, type: controllerRevisions, object: revision('v1') },
    revision('v2'),
    ['status DaemonSet default/web'],
  ],
];
for (const [name, collision, taken, expected] of rows) {
  test(`a name that is taken – ${name} – ${expected.length === 0 ? 'all is well' : 'counted'}`, async () => {
    assert.deepEqual(printed(await stepsFor(collision, taken)), expected);
  });
}

test('a collision that is counted – the rest of the status stays', async () => {
  const { actions } = await stepsFor(wanted, replicaSet('v2'));
  const [step] = actions;
  assert.ok(step?.do === 'updateStatus');
  assert.deepEqual((step.object as Deployment).status, { collisionCount: 2, replicas: 3 });
});
