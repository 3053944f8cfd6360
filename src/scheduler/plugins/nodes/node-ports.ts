/**
 * NodePorts: two pods cannot hold the same host port of a node. Reads the host ports of the pod and of the
 * pods on the node.
 */

import { HostPorts } from '#api/pods/host-ports.ts';
import { definePlugin, Rejection } from '../../framework.ts';

const name = 'NodePorts';
const rejection = new Rejection(name, ["node(s) didn't have free ports for the requested pod ports"]);

export const nodePorts = definePlugin({
  name,
  hints: [
    {
      kinds: ['Pod/AssignedDelete'],
      helps(pod, event) {
        const freed = new HostPorts();
        for (const port of event.pod?.hostPorts ?? []) freed.add(port);
        return pod.hostPorts.some((port) => freed.conflicts(port));
      },
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
