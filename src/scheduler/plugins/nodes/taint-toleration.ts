/**
 * TaintToleration: keeps pods off nodes whose NoSchedule and NoExecute taints they do not tolerate, and
 * prefers nodes with fewer untolerated PreferNoSchedule taints. Reads node spec.taints and the pod's
 * tolerations.
 */

import type { Taint } from '#api/generated/types.gen.ts';
import { tolerates, toleratesEffects } from '#api/pods/tolerations.ts';
import { definePlugin, Rejection } from '../../framework.ts';
import { normalizeToMax } from '../normalize.ts';

const name = 'TaintToleration';
const hardEffects = ['NoSchedule', 'NoExecute'];
// As upstream, the message omits the taint: its key and value may be confidential.
const untolerated = new Rejection(name, ['node(s) had untolerated taint(s)'], true);

export const taintToleration = definePlugin({
  name,
  weight: 3,
  hints: [
    {
      kinds: ['Node/Add', 'Node/Taints'],
      helps(pod, { node, oldNode }) {
        const tolerations = pod.pod.spec?.tolerations ?? [];
        const isTolerated = (taints: readonly Taint[] | undefined) =>
          toleratesEffects(tolerations, taints, hardEffects);
        return isTolerated(node?.node?.spec?.taints) && !(oldNode && isTolerated(oldNode.spec?.taints));
      },
    },
  ],
  preFilter(pod) {
    const tolerations = pod.pod.spec?.tolerations ?? [];
    return {
      filter(node) {
        const taints = node.hardTaints;
        for (let i = 0; i < taints.length; i++) {
          if (!tolerates(tolerations, taints[i]!)) return untolerated;
        }
        return undefined;
      },
    };
  },
  preScore(pod, nodes) {
    if (!nodes.some((node) => node.softTaints.length > 0)) return undefined;
    const tolerations = (pod.pod.spec?.tolerations ?? []).filter(
      (toleration) => !toleration.effect || toleration.effect === 'PreferNoSchedule',
    );
    return {
      score: (node) => node.softTaints.filter((taint) => !tolerates(tolerations, taint)).length,
      normalize: (scores) => normalizeToMax(scores, true),
    };
  },
});
