/** The node beside the control plane: reached in the process, and where pods find the API server. */

import type { ControlPlane } from '../control-plane/control-plane.ts';
import { ensureDnsService } from './cluster-dns.ts';
import type { KubeletUsage } from './kubelet-usage.ts';
import { inProcessApi } from './node-api.ts';
import type { NodeWithRuntime, PreparedNode, RunningNode } from './real-node.ts';

/** `usage` gets the node, for the metrics API. */
export async function startFirstNode(
  plane: ControlPlane,
  nodeName: string,
  prepared: PreparedNode,
  runtime: NodeWithRuntime,
  usage: KubeletUsage,
): Promise<RunningNode> {
  const { address, dnsAddress } = prepared;
  const [node] = await Promise.all([
    runtime.startServices(inProcessApi(plane, nodeName, address)),
    listenForPods(plane, address),
    ensureDnsService(plane.admin, { host: address, dnsAddress }),
  ]);
  usage.add(node.kubelet);
  return node;
}

/** Pods reach the API server at the endpoint of the `kubernetes` service. */
async function listenForPods({ server, port }: ControlPlane, host: string): Promise<void> {
  const api = await server.listen({ host, port });
  if (api.port !== port) throw new Error('the API server got another port at the node');
}
