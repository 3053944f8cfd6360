/** The real nodes of a cluster on its own machine: the machine itself, and nodes in namespaces besides it. */

import { hostname } from 'node:os';
import { ensureClusterLink } from '#host/home/namespace-nodes.ts';
import type { NamespaceNode } from '#host/home/node-record.ts';
import { uplinkMtu } from '#host/network/bridge.ts';
import type { NodeStorage } from '#storage/node/node-storage.ts';
import type { Settings } from '../cluster-options.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import type { Steps } from '../process/steps.ts';
import type { PreparedNode } from './real-node.ts';

/** The name of the first node. */
export function machineName(): string {
  return hostname().toLowerCase();
}

export function nodesBesides(realNode: Settings['realNode']): readonly NamespaceNode[] {
  return realNode?.linked?.config.nodes ?? [];
}

export function stepOf({ name }: NamespaceNode): string {
  return `node ${name}`;
}

/** `storages`: the node adds its own. */
export async function prepareFirstNode(
  { env, parts, podRange, serviceRange, realNode, configuration }: Settings,
  storages: Map<string, NodeStorage>,
): Promise<PreparedNode> {
  // Loaded on demand: a cluster without a real node does not need containerd's gRPC client.
  const { prepareRealNode } = await import('./real-node.ts');
  if (realNode?.linked) await ensureClusterLink(realNode.linked.config, await uplinkMtu());
  const kubelet = configuration && { kubelet: configuration.kubelet };
  const nodeName = machineName();
  return prepareRealNode({
    ...realNode!,
    nodeName,
    env,
    parts,
    podRange,
    serviceRange,
    storages,
    ...kubelet,
  });
}

/** All at once; each is a step of its own. Returns how many have started. */
export async function startNodesBesides(
  { env, parts, realNode, listener, storages }: Settings & { storages: Map<string, NodeStorage> },
  steps: Steps,
  plane: ControlPlane,
  { address }: PreparedNode,
): Promise<number> {
  if (!realNode?.linked) return 0;
  const { NamespaceNodes } = await import('./namespace-nodes.ts');
  const { linked, paths } = realNode;
  const nodes = new NamespaceNodes({ env, parts, paths, storages, ...linked }, plane, address);
  const starts = nodesBesides(realNode).map((node) => ({ node, started: nodes.start(node) }));
  for (const { started } of starts) started.catch(() => undefined);
  let count = starts.length;
  // The cluster runs on without a node that was there before, as it does when a machine is gone.
  const warn =
    ({ name }: NamespaceNode) =>
    (error: Error) => {
      count--;
      listener?.warn(`node ${name} did not start: ${error.message}`);
    };
  for (const { node, started } of starts) {
    await steps.run(stepOf(node), () => (nodes.isNew(node) ? started : started.catch(warn(node))));
  }
  return count;
}

export async function startIngressBesideNode(
  { env, parts, realNode, gateway = false }: Settings,
  plane: ControlPlane,
  { address }: PreparedNode,
): Promise<void> {
  const { startClusterIngress } = await import('./cluster-ingress.ts');
  await startClusterIngress(env, plane, { address, paths: realNode!.paths, gateway }, parts);
}
