/** The pod that a request names, on one of the nodes that the server serves. */

import type { KubeNode } from '../node/kube-node.ts';
import { Refusal } from './refusal.ts';
import type { PodPlace } from './streams/streams.ts';

export function findPod(
  nodes: readonly KubeNode[],
  namespace: string,
  name: string,
  otherwise = 'pod does not exist',
): PodPlace {
  for (const node of nodes) {
    const pod = node.findPod(namespace, name);
    if (pod) return { node, pod };
  }
  throw new Refusal(404, otherwise);
}
