/**
 * Controller, scheduler and kubelet agree on "this pod may run on that node": a DaemonSet creates no pod that
 * the scheduler leaves Pending or the kubelet rejects.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeSelectorRequirement, PodSpec } from '#api/generated/types.gen.ts';
import { placesOf } from '#controllers/workloads/daemon-set/nodes.ts';
import { failedAffinity } from '#kubelet/admission/affinity.ts';
import { ClusterCache } from '#scheduler/cache/cache.ts';
import { PodInfo } from '#scheduler/cache/pod-info.ts';
import { Algorithm } from '#scheduler/cycle/algorithm.ts';
import { defaultPlugins } from '#scheduler/plugins/list.ts';
import { storedMetadata, storedPod } from '../objects.ts';
import { makeNode, seeded } from './objects.ts';

const node = makeNode({ name: 'n1', labels: { gen: '1.5', rack: '7' } });

const requiring = (...matchExpressions: NodeSelectorRequirement[]): Partial<PodSpec> => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] },
    },
  },
});

const cases: [string, Partial<PodSpec>, boolean][] = [
  ['nothing is asked', {}, true],
  ['rack Gt 6', requiring({ key: 'rack', operator: 'Gt', values: ['6'] }), true],
  ['rack Lt 7', requiring({ key: 'rack', operator: 'Lt', values: ['7'] }), false],
  ['a fraction Gt 1', requiring({ key: 'gen', operator: 'Gt', values: ['1'] }), false],
  ['a fraction Lt 2', requiring({ key: 'gen', operator: 'Lt', values: ['2'] }), false],
  ['rack Gt a fraction', requiring({ key: 'rack', operator: 'Gt', values: ['6.5'] }), false],
  ['another rack', { nodeSelector: { rack: '8' } }, false],
];

for (const [name, spec, expected] of cases) {
  test(`placement – ${name} – all three answer ${expected ? 'yes' : 'no'}`, () => {
    const pod = storedPod('p', { spec });
    const cache = new ClusterCache();
    cache.setNode(node);
    const algorithm = new Algorithm({ plugins: defaultPlugins, random: seeded(1) });
    const set = { metadata: storedMetadata('ds'), spec: { selector: {}, template: { spec: pod.spec! } } };
    const answers = {
      daemonSet: placesOf(set, [node], [])[0]?.shouldRun,
      scheduler: 'node' in algorithm.schedule(new PodInfo(pod), cache),
      kubelet: !failedAffinity(
        { ...pod, spec: pod.spec! },
        { nodeName: 'n1', labels: node.metadata.labels! },
      ),
    };
    assert.deepEqual(answers, { daemonSet: expected, scheduler: expected, kubelet: expected });
  });
}
