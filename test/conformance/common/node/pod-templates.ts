/** PodTemplates as objects. */

import assert from 'node:assert/strict';
import { podTemplates } from '#api/generated/kinds.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../../behaviour.ts';
import { change, isGone, template } from '../../shared/workloads.ts';

function create({ client, namespace }: BehaviourContext, name: string) {
  const labels = { 'podtemplate-set': 'true' };
  return client.create(podTemplates, { metadata: { name, namespace, labels }, template: template(labels) });
}

const labelSelector = 'podtemplate-set=true';

export const podtemplates: readonly Behaviour[] = [
  behaviour(
    '[sig-node] PodTemplates should run the lifecycle of PodTemplates [Conformance]',
    async (context) => {
      const { client, namespace } = context;
      const key = { namespace, name: 'living' };
      await create(context, 'living');
      await client.patch(podTemplates, key, 'strategic', {
        metadata: { labels: { podtemplate: 'patched' } },
      });
      assert.equal((await client.get(podTemplates, key)).metadata.labels?.['podtemplate'], 'patched');
      const { items } = await client.list(podTemplates, { labelSelector: 'podtemplate=patched' });
      assert.ok(items.some(({ metadata }) => metadata.namespace === namespace));
      await client.delete(podTemplates, key);
      assert.ok(await isGone(client, podTemplates, key));
    },
  ),
  behaviour(
    '[sig-node] PodTemplates should delete a collection of pod templates [Conformance]',
    async (context) => {
      const { client, namespace } = context;
      for (const name of ['one', 'two', 'three']) await create(context, name);
      const count = async () => (await client.list(podTemplates, { namespace, labelSelector })).items.length;
      assert.equal(await count(), 3);
      await client.deleteCollection(podTemplates, { namespace, labelSelector });
      await context.eventually('none is left', async () => (await count()) === 0);
    },
  ),
  behaviour('[sig-node] PodTemplates should replace a pod template [Conformance]', async (context) => {
    const { client, namespace } = context;
    const key = { namespace, name: 'replaced' };
    await create(context, 'replaced');
    await change(client, podTemplates, key, ({ metadata }) => {
      metadata.annotations = { updated: 'true' };
    });
    assert.equal((await client.get(podTemplates, key)).metadata.annotations?.['updated'], 'true');
  }),
];
