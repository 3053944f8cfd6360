/** Nodes as objects. */

import assert from 'node:assert/strict';
import { nodes } from '#api/generated/kinds.gen.ts';
import { type Behaviour, behaviour } from '../behaviour.ts';
import { change, isGone } from '../shared/workloads.ts';

export const nodeLifecycle: readonly Behaviour[] = [
  behaviour(
    '[sig-node] Node Lifecycle should run through the lifecycle of a node [Conformance]',
    async (context) => {
      const { client, namespace } = context;
      const key = { name: `fake-${namespace}` };
      context.after(() => client.delete(nodes, key));
      const status = { capacity: { cpu: '0', memory: '0' }, phase: 'Running' as const };
      await client.create(nodes, { metadata: key, spec: { unschedulable: true }, status });
      assert.equal((await client.get(nodes, key)).metadata.name, key.name);
      await client.patch(nodes, key, 'strategic', { metadata: { labels: { fake: 'patched' } } });
      assert.equal((await client.get(nodes, key)).metadata.labels?.['fake'], 'patched');
      const { items } = await client.list(nodes, { labelSelector: 'fake=patched' });
      assert.deepEqual(
        items.map(({ metadata }) => metadata.name),
        [key.name],
      );
      await change(client, nodes, key, ({ metadata }) => {
        metadata.labels = { ...metadata.labels, fake: 'updated' };
      });
      assert.equal((await client.get(nodes, key)).metadata.labels?.['fake'], 'updated');
      await client.deleteCollection(nodes, { labelSelector: 'fake=updated' });
      await context.eventually('it is gone', () => isGone(client, nodes, key));
    },
  ),
];
