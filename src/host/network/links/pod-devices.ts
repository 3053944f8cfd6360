/** The names of what a node's pod network has besides its bridge, and how all of it is removed. */

import { tryCommand } from '../../processes/command.ts';
import { keepPodRoutes } from './routes.ts';
import { deleteTunnel } from './tunnel.ts';

interface NodeDevices {
  /** Of the pod bridge; at most 14 characters. */
  readonly bridge: string;
  /** Of the service table. */
  readonly table: string;
}

/** Tables: of the pod network, and of network policies. */
export function podDevices({ bridge, table }: NodeDevices): {
  readonly tunnel: string;
  readonly table: string;
  readonly policyTable: string;
} {
  return { tunnel: `${bridge}x`, table: `${table}_pods`, policyTable: `${table}_policy` };
}

/** Also of a node that is only partly there. */
export async function removePodPaths(devices: NodeDevices & { readonly podRange?: string }): Promise<void> {
  const { tunnel, table, policyTable } = podDevices(devices);
  if (devices.podRange !== undefined) await keepPodRoutes(devices.podRange, []);
  await deleteTunnel(tunnel);
  for (const family of ['ip', 'ip6']) await tryCommand('nft', ['delete', 'table', family, table]);
  await tryCommand('nft', ['delete', 'table', 'inet', policyTable]);
}
