/** The nodes of a cluster on this machine besides the first, as the cluster's process starts them and stops them. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { Env } from '#base/env.ts';
import { nodeBootstrap } from '#cli/shared/node-bootstrap.ts';
import { agentConfigOf } from '#host/home/agent-config.ts';
import { endAgent, startAgent } from '#host/home/agent-process.ts';
import type { ClusterConfig, ClusterPaths } from '#host/home/cluster-home.ts';
import { readConfig } from '#host/home/cluster-home.ts';
import { connectNamespaceNode, nodePathsOf } from '#host/home/namespace-nodes.ts';
import { nodeStorageDir } from '#host/home/node-home.ts';
import type { NamespaceNode } from '#host/home/node-record.ts';
import { uplinkMtu } from '#host/network/bridge.ts';
import { FolderStorage } from '#storage/node/folder-storage.ts';
import type { NodeStorage } from '#storage/node/node-storage.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import type { StartedParts } from '../started-parts.ts';

export interface NamespaceNodesOptions {
  readonly env: Env;
  readonly parts: StartedParts;
  readonly paths: ClusterPaths;
  readonly config: ClusterConfig;
  /** Each node's is added. */
  readonly storages: Map<string, NodeStorage>;
  /** Path of kybern's main file, which is started for each node. */
  readonly program: string;
}

export class NamespaceNodes {
  readonly #options: NamespaceNodesOptions;
  readonly #plane: Pick<ControlPlane, 'admin' | 'serverCaPem' | 'port'>;
  readonly #firstNode: string;
  /** By name: nodes that have a certificate. */
  readonly #known: ReadonlySet<string>;

  /** `firstNode`: its address, where the API server listens as well. */
  constructor(
    options: NamespaceNodesOptions,
    plane: Pick<ControlPlane, 'admin' | 'serverCaPem' | 'port'>,
    firstNode: string,
  ) {
    this.#options = options;
    this.#plane = plane;
    this.#firstNode = firstNode;
    const { nodes = [] } = options.config;
    const known = nodes.filter((node) => existsSync(nodePathsOf(options.paths, node).kubeconfig));
    this.#known = new Set(known.map(({ name }) => name));
    options.parts.add('nodes in namespaces', () => endAgents(options.paths));
  }

  /** Volumes of claims are made by this process, on the same disk; the node mounts them. */
  #serveStorage(node: NamespaceNode): void {
    const { env, paths, config, storages } = this.#options;
    const own = nodePathsOf(paths, node);
    const { storageDir = nodeStorageDir(own) } = agentConfigOf(config, paths, node);
    storages.set(
      node.name,
      new FolderStorage(storageDir, env.log.child({ part: 'storage', node: node.name })),
    );
  }

  /** It has never been in the cluster. */
  isNew(node: NamespaceNode): boolean {
    return !this.#known.has(node.name);
  }

  /** Resolves when the node's process is ready, the one of an earlier start or a new one. */
  async start(node: NamespaceNode): Promise<void> {
    const { env, paths, config, program } = this.#options;
    const { admin, serverCaPem: caPem, port } = this.#plane;
    assert(config.link);
    const link = { ...config.link, mtu: await uplinkMtu() };
    this.#serveStorage(node);
    await connectNamespaceNode(paths, link, node, this.#firstNode);
    const server = `https://${this.#firstNode}:${port}`;
    await startAgent({
      paths: nodePathsOf(paths, node),
      config: agentConfigOf(config, paths, node),
      program,
      server,
      bootstrap: () => nodeBootstrap(env, admin, { server, caPem }),
    });
  }
}

/** Those that the config has now: nodes are added and removed while the cluster runs. Their containers run on. */
async function endAgents(paths: ClusterPaths): Promise<void> {
  const { nodes = [] } = readConfig(paths) ?? {};
  await Promise.all(nodes.map((node) => endAgent(nodePathsOf(paths, node))));
}
