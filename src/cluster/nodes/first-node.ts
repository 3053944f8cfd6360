/** The node beside the control plane: reached in the process, and where pods and other machines find the API server. */

import type { ControlPlane } from '../control-plane/control-plane.ts';
import { ensureJoining } from '../joining/ensure.ts';
import { clusterDomain, ensureDnsService } from './cluster-dns.ts';
import type { KubeletUsage } from './kubelet-usage.ts';
import { inProcessApi } from './node-api.ts';
import type { NodeWithRuntime, PreparedNode, RunningNode } from './real-node.ts';

export interface FirstNodeParts {
  readonly nodeName: string;
  readonly prepared: PreparedNode;
  readonly runtime: NodeWithRuntime;
  /** Gets the node, for the metrics API. */
  readonly usage: KubeletUsage;
}

/** The cluster as joining machines have to know it. */
export interface ClusterFacts {
  /** Default `default`. */
  readonly name?: string;
  readonly podRange: string;
  readonly serviceRange: string;
}

export async function startFirstNode(
  { name = 'default', podRange, serviceRange }: ClusterFacts,
  plane: ControlPlane,
  { nodeName, prepared, runtime, usage }: FirstNodeParts,
): Promise<RunningNode> {
  const { address, dnsAddress } = prepared;
  const { admin, port, serverCaPem: caPem } = plane;
  const server = `https://${address}:${port}`;
  const facts = { clusterName: name, server, caPem, podRange, serviceRange, dnsAddress, clusterDomain };
  const [node] = await Promise.all([
    runtime.startServices(inProcessApi(plane, nodeName, address)),
    listenForPods(plane, address),
    ensureDnsService(admin, dnsAddress),
    ensureJoining(admin, facts),
  ]);
  node.kubelet.whenStarted((started) => usage.add(started));
  return node;
}

/** Pods reach the API server at the endpoint of the `kubernetes` service. */
async function listenForPods({ server, port }: ControlPlane, host: string): Promise<void> {
  const api = await server.listen({ host, port });
  if (api.port !== port) throw new Error('the API server got another port at the node');
}
