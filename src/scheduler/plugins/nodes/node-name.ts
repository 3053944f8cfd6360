/**
 * NodeName: a pod with spec.nodeName fits that node only. Reads spec.nodeName. Such pods normally bypass the
 * scheduler; this covers callers that run the filters alone.
 */

import { definePlugin, Rejection } from '../../framework.ts';

const name = 'NodeName';
const rejection = new Rejection(name, ["node(s) didn't match the requested node name"], true);

export const nodeName = definePlugin({
  name,
  hints: [{ kinds: ['Node/Add'] }],
  preFilter(pod) {
    const wanted = pod.pod.spec?.nodeName;
    if (!wanted) return undefined;
    return { filter: (node) => (node.name === wanted ? undefined : rejection) };
  },
});
