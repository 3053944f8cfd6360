/** What a pod's generation counts, its class of service, and the hook that runs before it is killed. */

import assert from 'node:assert/strict';
import { pods } from '#api/generated/kinds.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { getPod, podOf, start } from '../common/running.ts';
import { change } from '../shared/workloads.ts';

const prefix = '[sig-node] Pods Extended (pod generation) Pod Generation';
const kubelet134 = '[MinimumKubeletVersion:1.34] [Conformance]';

function tolerate({ client, namespace }: BehaviourContext, value: string) {
  return change(client, pods, { namespace, name: 'counted' }, ({ spec }) => {
    const added = { key: 'counted', operator: 'Equal' as const, value, effect: 'NoExecute' as const };
    spec!.tolerations = [...(spec!.tolerations ?? []), added];
  });
}

async function isObserved(context: BehaviourContext, generation: number): Promise<void> {
  await context.eventually(`generation ${generation} is observed`, async () => {
    const { metadata, status } = await getPod(context, 'counted');
    assert.equal(metadata.generation, generation);
    assert.equal(status?.observedGeneration, generation);
    return true;
  });
}

export const podsExtended: readonly Behaviour[] = [
  behaviour(
    '[sig-node] Pods Extended Pods Set QOS Class should be set on Pods with matching resource requests and limits for memory and cpu [Conformance]',
    async (context) => {
      const amounts = { cpu: '100m', memory: '100Mi' };
      const resources = { requests: amounts, limits: amounts };
      await context.client.create(pods, podOf(context, 'classed', { resources }));
      assert.equal((await getPod(context, 'classed')).status?.qosClass, 'Guaranteed');
    },
  ),
  behaviour(
    `${prefix} pod generation should start at 1 and increment per update ${kubelet134}`,
    async (context) => {
      const { client, namespace } = context;
      const made = await client.create(pods, podOf(context, 'counted'));
      assert.equal(made.metadata.generation, 1);
      await isObserved(context, 1);
      await tolerate(context, 'one');
      await isObserved(context, 2);
      await client.patch(pods, { namespace, name: 'counted' }, 'merge', {
        spec: { activeDeadlineSeconds: 5000 },
      });
      await isObserved(context, 3);
      await client.patch(pods, { namespace, name: 'counted' }, 'merge', { metadata: { labels: { a: 'b' } } });
      await isObserved(context, 3);
    },
  ),
  behaviour(
    `${prefix} custom-set generation on new pods and graceful delete [Conformance]`,
    async (context) => {
      const { client, namespace } = context;
      const pod = podOf(context, 'counted', {}, { terminationGracePeriodSeconds: 5 });
      const made = await start(context, { ...pod, metadata: { ...pod.metadata, generation: 100 } });
      assert.equal(made.metadata.generation, 1);
      await client.delete(pods, { namespace, name: 'counted' });
      assert.equal((await getPod(context, 'counted')).metadata.generation, 2);
    },
  ),
  behaviour(
    `${prefix} issue 500 podspec updates and verify generation and observedGeneration eventually converge ${kubelet134}`,
    async (context) => {
      await start(context, podOf(context, 'counted'));
      for (let update = 1; update < 500; update++) await tolerate(context, String(update));
      await isObserved(context, 500);
    },
  ),
];
