/** `kybern node list`: the nodes that the API knows and those that this machine has, as text or JSON. */

import { nodes as nodeType } from '#api/generated/kinds.gen.ts';
import type { Node } from '#api/generated/types.gen.ts';
import { isNodeReady } from '#api/nodes/state.ts';
import type { ClusterConfig } from '#host/home/cluster-home.ts';
import type { CliContext } from '../../shared/command.ts';
import { firstNodeName } from './add.ts';
import { withRunningCluster } from './running-cluster.ts';

export interface ListedNode {
  readonly name: string;
  /** machine: the first, beside the control plane. namespace: another on this machine. joined: another machine. */
  readonly kind: 'machine' | 'namespace' | 'joined' | 'simulated';
  readonly ready: boolean;
  readonly address: string;
  readonly podCidr: string;
}

export async function listNodes(context: CliContext, name: string, output: string): Promise<void> {
  const found = await withRunningCluster(name, async ({ config, admin }) => {
    const { items } = await admin.list(nodeType);
    return listedNodes(config, items, firstNodeName());
  });
  context.print(output === 'json' ? JSON.stringify(found, null, 2) : asTable(found));
}

/** A node of the config whose Node has been deleted is not ready, and still to be removed. */
export function listedNodes(
  { nodes = [], realNodes }: Pick<ClusterConfig, 'nodes' | 'realNodes'>,
  objects: readonly Node[],
  firstNode: string,
): ListedNode[] {
  const kindOf = (node: Node): ListedNode['kind'] => {
    const name = node.metadata?.name ?? '';
    if (nodes.some((known) => known.name === name)) return 'namespace';
    if (realNodes && name === firstNode) return 'machine';
    return addressOf(node).startsWith('127.') ? 'simulated' : 'joined';
  };
  const known = objects.map((node) => ({
    name: node.metadata?.name ?? '',
    kind: kindOf(node),
    ready: isNodeReady(node),
    address: addressOf(node),
    podCidr: node.spec?.podCIDR ?? '',
  }));
  const lost = nodes
    .filter(({ name }) => !known.some((node) => node.name === name))
    .map(({ name, address }) => ({ name, kind: 'namespace' as const, ready: false, address, podCidr: '' }));
  return [...known, ...lost];
}

function addressOf({ status }: Node): string {
  return status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '';
}

export function asTable(nodes: readonly ListedNode[]): string {
  const rows = [
    ['NAME', 'KIND', 'READY', 'ADDRESS', 'PODS'],
    ...nodes.map(({ name, kind, ready, address, podCidr }) => [
      name,
      kind,
      ready ? 'yes' : 'no',
      address || '-',
      podCidr || '-',
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
