/**
 * ControllerRevisions: the history of a DaemonSet, as objects that can be written, relabelled and deleted.
 */

import assert from 'node:assert/strict';
import { controllerRevisions, daemonSets } from '#api/generated/kinds.gen.ts';
import type { ControllerRevision } from '#api/generated/types.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { change } from '../shared/workloads.ts';
import { createDaemonSet, revisionsOf, runsEverywhere } from './daemon-sets.ts';

const app = 'revised';

async function revisionsAre(context: BehaviourContext, ...expected: number[]) {
  return context.eventually(`the revisions are ${expected}`, async () => {
    const found = await revisionsOf(context, app);
    assert.deepEqual(
      found.map(({ revision }) => revision),
      expected,
    );
    return found;
  });
}

async function lifecycle(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  await createDaemonSet(context, app);
  await runsEverywhere(context, app);
  const [first] = await revisionsAre(context, 1);
  const { name } = first!.metadata;
  const patched = await client.patch(controllerRevisions, { namespace, name }, 'strategic', {
    metadata: { labels: { patched: 'yes' } },
  });
  assert.equal(patched.metadata.labels?.patched, 'yes');
  assert.equal(patched.revision, 1);

  const { labels = {}, ownerReferences = [] } = first!.metadata;
  const second: ControllerRevision = {
    metadata: { name: `${app}-second`, namespace, labels, ownerReferences },
    data: first!.data as object,
    revision: 2,
  };
  await client.create(controllerRevisions, second);
  await revisionsAre(context, 1, 2);
  await client.delete(controllerRevisions, { namespace, name });
  await revisionsAre(context, 2);
  const key = { namespace, name: `${app}-second` };
  const updated = await change(client, controllerRevisions, key, ({ metadata }) => {
    metadata.labels = { ...metadata.labels, updated: 'yes' };
  });
  assert.equal(updated.metadata.labels?.updated, 'yes');

  await client.patch(daemonSets, { namespace, name: app }, 'strategic', {
    spec: { template: { spec: { terminationGracePeriodSeconds: 1 } } },
  });
  await revisionsAre(context, 2, 3);
  await client.deleteCollection(controllerRevisions, { namespace, labelSelector: 'updated=yes' });
  const [last] = await revisionsAre(context, 3);
  assert.equal(last?.metadata.labels?.updated, undefined);
}

export const controllerRevision: readonly Behaviour[] = [
  behaviour(
    '[sig-apps] ControllerRevision [Serial] should manage the lifecycle of a ControllerRevision [Conformance]',
    lifecycle,
  ),
];
