/** What the process of a node besides the first is started with, made of the cluster's config. */

import { join } from 'node:path';
import type { AgentConfig } from './agent-home.ts';
import type { ClusterConfig, ClusterPaths } from './cluster-home.ts';
import { nodePathsOf } from './namespace-nodes.ts';
import type { NamespaceNode } from './node-record.ts';

/** Bridge and table have the cluster's names, in the node's own namespace. */
export function agentConfigOf(config: ClusterConfig, paths: ClusterPaths, node: NamespaceNode): AgentConfig {
  const { podRange, serviceRange, bridge = '', table = '', storageDir, configuration, network } = config;
  const { name: nodeName, address, labels, taints } = node;
  const kubelet = (configuration as { kubelet?: unknown } | undefined)?.kubelet;
  return {
    nodeName,
    address,
    podRange,
    serviceRange,
    bridge,
    table,
    run: nodePathsOf(paths, node).run,
    ...(storageDir === undefined ? {} : { storageDir: join(storageDir, nodeName) }),
    ...(labels ? { labels } : {}),
    ...(taints ? { taints } : {}),
    ...(kubelet === undefined ? {} : { kubelet }),
    ...(network === 'none' ? { ownPodNetwork: true } : {}),
  };
}
