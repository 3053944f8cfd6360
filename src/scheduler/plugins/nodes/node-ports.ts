/**
 * NodePorts: two pods cannot hold the same host port of a node.
 * Reads the host ports of the pod and of the pods on the node.
 */

import { definePlugin, Rejection } from '../../framework.ts';

const name = 'NodePorts';
const rejection = new Rejection(name, ["node(s) didn't have free ports for the requested pod ports"]);

export const nodePorts = definePlugin({
  name,
  hints: [
    {
      kinds: ['Pod/AssignedDelete'],
      helps: (pod, event) =>
        !!event.pod?.hostPorts.some((held) =>
          pod.hostPorts.some((wanted) => wanted.port === held.port && wanted.protocol === held.protocol),
        ),
    },
    { kinds: ['Node/Add'] },
  ],
  preFilter(pod) {
    const wanted = pod.hostPorts;
    if (wanted.length === 0) return undefined;
    return {
      filter: (node) => (wanted.some((port) => node.ports.conflicts(port)) ? rejection : undefined),
    };
  },
});
