/**
 * The nodes of a cluster on this machine besides the first: each has a network namespace on the cluster's link, a folder
 * below the cluster's and a run folder beside it.
 */

import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { RoutedRanges } from '../network/bridge.ts';
import { deleteLinkTable, ensureLinkTable } from '../network/links/link-table.ts';
import { deleteDevice, removeNamespace } from '../network/links/network-namespace.ts';
import {
  connectNode,
  disconnectNode,
  ensureLink,
  type Link,
  machineAddressOn,
} from '../network/links/node-link.ts';
import { type AgentPaths, agentPaths, readAgentConfig } from './agent-home.ts';
import { endAgent } from './agent-process.ts';
import type { ClusterConfig, ClusterPaths } from './cluster-home.ts';
import { deleteNode } from './node-home.ts';
import type { NamespaceNode } from './node-record.ts';

export interface NamespaceNodePaths extends AgentPaths {
  /** File that holds the network namespace. */
  readonly namespace: string;
}

/** More would not fit into a device's name. */
export const nodesMax = 99;

export function nodePathsOf(
  paths: ClusterPaths,
  node: Pick<NamespaceNode, 'name' | 'number'>,
): NamespaceNodePaths {
  const run = `${paths.run}-${node.number}`;
  return { ...agentPaths(join(paths.dir, 'nodes', node.name), run), namespace: join(run, 'netns') };
}

/** The machine's end of a node's cable. */
function cableOf({ run }: ClusterPaths, number: number): string {
  return `k${basename(run)}.${number}`;
}

/** Creates or repairs the link; the machine's end has its first address. */
export async function ensureClusterLink(config: ClusterConfig, mtu: number): Promise<Link | undefined> {
  const { link, bridge, table } = config;
  if (!link) return undefined;
  await ensureLink({ ...link, mtu });
  const devices = [link.bridge, ...(bridge ? [bridge] : [])];
  await ensureLinkTable({ name: linkTableOf(table ?? link.bridge), devices, linkRange: link.range });
  return { ...link, mtu };
}

/** As `takeRoutes` takes them: without a pod network of kybern's, the first node's address is on the link. */
export function routesOf(config: ClusterConfig): [ranges: RoutedRanges, nodeAddress?: string] {
  const { podRange, serviceRange, balancerRange, network, link, address } = config;
  const ranges = { serviceRange, ...(balancerRange ? { balancerRange } : {}) };
  if (network !== 'none' || !link) return [{ podRange, ...ranges }, address];
  return [ranges, address ?? machineAddressOn(link.range)];
}

function linkTableOf(table: string): string {
  return `${table}_link`;
}

/** Creates or repairs the node's namespace. `firstNode`: its address, which lies behind the machine. */
export async function connectNamespaceNode(
  paths: ClusterPaths,
  link: Link,
  node: NamespaceNode,
  firstNode: string,
): Promise<void> {
  const { namespace } = nodePathsOf(paths, node);
  const device = cableOf(paths, node.number);
  await connectNode(link, { namespace, device, address: node.address, behindMachine: [firstNode] });
}

/** Ends the node's process and containers, and removes all it made; also of one that is only partly there. */
export async function removeNamespaceNode(
  paths: ClusterPaths,
  node: Pick<NamespaceNode, 'name' | 'number'>,
  storageDir: string | undefined,
): Promise<void> {
  const own = nodePathsOf(paths, node);
  await endAgent(own);
  await disconnectNode(cableOf(paths, node.number));
  // Before its run folder, which the mount would keep; the namespace itself stays until its last process has ended.
  await removeNamespace(own.namespace);
  await deleteNode(own, storageDir);
  rmSync(own.run, { recursive: true, force: true });
  rmSync(own.dir, { recursive: true, force: true });
}

/** All nodes but the first, and the link; found in the config and by what they left on the machine. */
export async function removeNamespaceNodes(
  paths: ClusterPaths,
  config: Pick<ClusterConfig, 'nodes' | 'link' | 'storageDir'> | undefined,
  names: { readonly link: string; readonly table: string },
): Promise<void> {
  for (const node of foundNodes(paths, config?.nodes ?? [])) {
    await removeNamespaceNode(paths, node, config?.storageDir);
  }
  await deleteLinkTable(linkTableOf(names.table));
  await deleteDevice(config?.link?.bridge ?? names.link);
}

/** Besides those of the config, nodes that have a folder, or only a run folder. */
function foundNodes(
  paths: ClusterPaths,
  known: readonly NamespaceNode[],
): Pick<NamespaceNode, 'name' | 'number'>[] {
  const prefix = `${basename(paths.run)}-`;
  const numberIn = (run: string) => (run.startsWith(prefix) ? Number(run.slice(prefix.length)) : 0);
  const folders = join(paths.dir, 'nodes');
  const found = [
    ...known,
    ...entriesOf(folders).map((name) => ({ name, number: numberIn(runOf(join(folders, name))) })),
    ...entriesOf(dirname(paths.run)).map((run) => ({ name: `node-${numberIn(run)}`, number: numberIn(run) })),
  ].filter(({ number }) => number > 0);
  // The first that has a number knows its name best.
  return [...new Map(found.reverse().map((node) => [node.number, node])).values()];
}

/** Empty where the folder has no readable configuration. */
function runOf(dir: string): string {
  try {
    return basename(readAgentConfig(dir).run);
  } catch {
    return '';
  }
}

function entriesOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
