/**
 * `kybern node add`: one more node for a running cluster, on this machine.
 *
 *   1. with the cluster's lock held: decide name, number and address, and write them down
 *   2. link, namespace and cable, the node's process; it joins as any machine does
 *   3. wait until the Node is Ready
 *   On failure: remove what was made.
 */

import { hostname } from 'node:os';
import { nodes as nodeType } from '#api/generated/kinds.gen.ts';
import { isNodeReady } from '#api/nodes/state.ts';
import { silentLog } from '#base/log.ts';
import { addressAt, parseCidr } from '#base/net/cidr.ts';
import { rangeOf } from '#base/net/range-list.ts';
import { agentConfigOf } from '#host/home/agent-config.ts';
import { startAgent } from '#host/home/agent-process.ts';
import { type ClusterConfig, clusterPaths, upLock, writeConfig } from '#host/home/cluster-home.ts';
import { withMachineLock } from '#host/home/machine-lock.ts';
import {
  connectNamespaceNode,
  ensureClusterLink,
  nodePathsOf,
  removeNamespaceNode,
  routesOf,
} from '#host/home/namespace-nodes.ts';
import type { NamespaceNode } from '#host/home/node-record.ts';
import { uplinkMtu } from '#host/network/bridge.ts';
import { systemClock, systemEnv } from '#host/system-env.ts';
import { withClusterLock } from '../../shared/cluster-lock.ts';
import type { CliContext } from '../../shared/command.ts';
import { nodeBootstrap } from '../../shared/node-bootstrap.ts';
import { Problem } from '../../shared/problem.ts';
import { type NodeRequest, newNode } from '../up/new-node.ts';
import { withLink } from '../up/settings.ts';
import { type RunningCluster, withRunningCluster } from './running-cluster.ts';

export interface AddFlags extends Pick<NodeRequest, 'labels' | 'taints'> {
  /** Of the cluster. */
  readonly name: string;
  readonly nodeName?: string;
}

const readyLimitMs = 60_000;
const pollMs = 100;

export async function addNode(context: CliContext, flags: AddFlags): Promise<void> {
  const { name } = flags;
  await withClusterLock(clusterPaths(name), () =>
    withRunningCluster(name, async (cluster) => {
      const node = await addReal(context, cluster, flags);
      context.print(`node ${node.name} of cluster ${name} is ready at ${node.address}`);
    }),
  );
}

async function addReal(
  context: CliContext,
  cluster: RunningCluster,
  flags: AddFlags,
): Promise<NamespaceNode> {
  const { config: before, paths } = cluster;
  if (!before.realNodes) {
    throw new Problem(
      `cluster ${before.name} has simulated nodes only`,
      'kybern up --name OTHER makes a cluster with real ones',
    );
  }
  const { config, node } = await settle(before, flags);
  writeConfig(paths, config);
  try {
    await startNode(context, cluster, config, node);
    await untilReady(cluster, node.name);
  } catch (error) {
    await removeNamespaceNode(paths, node, config.storageDir);
    await cluster.admin.delete(nodeType, { name: node.name }).catch(() => undefined);
    writeConfig(paths, before);
    throw new Problem(
      `node ${node.name} could not be started: ${(error as Error).message}`,
      `nothing is left of it; the cluster's log may say more: kybern logs --name ${before.name}`,
    );
  }
  return node;
}

/** The link's range is routed on the machine before another cluster looks for one. */
async function settle(
  before: ClusterConfig,
  { nodeName, labels, taints }: AddFlags,
): Promise<{ config: ClusterConfig; node: NamespaceNode }> {
  return withMachineLock(upLock, async () => {
    const linked = await withLink(before);
    const request = {
      ...(nodeName === undefined ? {} : { name: nodeName }),
      ...(labels ? { labels } : {}),
      ...(taints ? { taints } : {}),
    };
    const node = newNode(linked, request);
    await ensureClusterLink(linked, await uplinkMtu());
    return { config: { ...linked, nodes: [...(linked.nodes ?? []), node] }, node };
  });
}

async function startNode(
  context: CliContext,
  { paths, admin, caPem }: RunningCluster,
  config: ClusterConfig,
  node: NamespaceNode,
): Promise<void> {
  const firstNode = routesOf(config)[1] ?? addressAt(parseCidr(rangeOf(config.podRange, 4)), 1);
  const link = await ensureClusterLink(config, await uplinkMtu());
  if (!link) throw new Error('the cluster has no link');
  await connectNamespaceNode(paths, link, node, firstNode);
  const server = `https://${firstNode}:${config.port}`;
  await startAgent({
    paths: nodePathsOf(paths, node),
    config: agentConfigOf(config, paths, node),
    program: context.program,
    server,
    bootstrap: () => nodeBootstrap(systemEnv(silentLog), admin, { server, caPem }),
  });
}

async function untilReady({ admin, config }: RunningCluster, name: string): Promise<void> {
  const until = systemClock.monotonicMs() + readyLimitMs;
  while (systemClock.monotonicMs() < until) {
    const found = await admin.get(nodeType, { name }).catch(() => undefined);
    if (found && (config.network === 'none' || isNodeReady(found))) return;
    await new Promise<void>((resolve) => systemClock.after(pollMs, resolve));
  }
  throw new Error(`it is not Ready after ${readyLimitMs / 1000} s`);
}

/** The Node of the machine itself. */
export function firstNodeName(): string {
  return hostname().toLowerCase();
}
