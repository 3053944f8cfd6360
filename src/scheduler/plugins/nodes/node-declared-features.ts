/**
 * NodeDeclaredFeatures: a pod goes only to nodes that declare the features it needs.
 * Reads node status.declaredFeatures and the pod's spec.
 */

import { featuresNeeded } from '#api/nodes/declared-features.ts';
import { definePlugin, Rejection } from '../../framework.ts';

const name = 'NodeDeclaredFeatures';
const rejection = new Rejection(name, ["node(s) didn't match Pod's required features"], true);

export const nodeDeclaredFeatures = definePlugin({
  name,
  hints: [{ kinds: ['Node/Add', 'Node/DeclaredFeatures'] }],
  preFilter(pod) {
    const needed = pod.pod.spec ? featuresNeeded(pod.pod.spec) : [];
    if (needed.length === 0) return undefined;
    return {
      filter: ({ node }) => {
        const declared = node?.status?.declaredFeatures ?? [];
        return needed.every((feature) => declared.includes(feature)) ? undefined : rejection;
      },
    };
  },
});
