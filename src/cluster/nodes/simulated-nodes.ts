/** Simulated nodes in a cluster: the kubelet over an in-process runtime, all behind one kubelet server. */

import type { Env } from '#base/env.ts';
import { createClient } from '#client/rest/client.ts';
import { startSimulatedNodes as startNodes } from '#kubelet/simulated/simulated-nodes.ts';
import { type NodeStorage, simulatedStorage } from '#storage/node/node-storage.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { nodeUser } from '../control-plane/identities.ts';
import type { StartedParts } from '../started-parts.ts';
import type { KubeletUsage } from './kubelet-usage.ts';

const loopback = '127.0.0.1';

export async function startSimulatedNodes(options: {
  readonly count: number;
  readonly env: Env;
  readonly plane: ControlPlane;
  readonly parts: StartedParts;
  readonly usage: KubeletUsage;
  /** The nodes add theirs. */
  readonly storages: Map<string, NodeStorage>;
}): Promise<void> {
  const { env, plane, parts, count, usage, storages } = options;
  const { certPem, keyPem } = plane.pki.kubeletServing('simulated', [loopback]);
  const simulated = await startNodes({
    env,
    clientOf: (nodeName) =>
      createClient(plane.server.transport(nodeUser(nodeName)), { userAgent: 'kubelet' }),
    informersOf: (nodeName) => plane.readers.as(nodeUser(nodeName)),
    count,
    nodeIp: loopback,
    server: { host: loopback, port: 0, certPem, keyPem, clientCaPem: plane.pki.ca.certPem },
  });
  for (const node of simulated.nodes) usage.add(node);
  parts.add('simulated nodes', () => simulated.stop());
  const storage = simulatedStorage();
  for (const { name } of simulated.nodes) storages.set(name, storage);
}
