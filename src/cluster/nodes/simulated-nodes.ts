/** Simulated nodes in a cluster: the same kubelet over an in-process runtime, all behind one kubelet server. */

import { groupAuthenticated, groupMasters } from '#api/meta/user.ts';
import type { Env } from '#base/env.ts';
import { createClient } from '#client/rest/client.ts';
import { startSimulatedNodes as startNodes } from '#kubelet/simulated/simulated-nodes.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import type { Parts } from '../parts.ts';

const loopback = '127.0.0.1';
const user = { name: 'system:node-simulator', groups: [groupMasters, groupAuthenticated] };

export async function startSimulatedNodes(options: {
  readonly count: number;
  readonly env: Env;
  readonly plane: ControlPlane;
  readonly parts: Parts;
}): Promise<void> {
  const { env, plane, parts, count } = options;
  const { certPem, keyPem } = plane.pki.kubeletServing('simulated', [loopback]);
  const simulated = await startNodes({
    env,
    client: createClient(plane.server.transport(user)),
    informers: plane.informers,
    count,
    nodeIp: loopback,
    server: { host: loopback, port: 0, certPem, keyPem, clientCaPem: plane.pki.ca.certPem },
  });
  parts.add('simulated nodes', () => simulated.stop());
}
