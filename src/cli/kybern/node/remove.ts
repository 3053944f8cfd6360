/**
 * `kybern node remove`: the node's process and containers end, its Node is deleted, and nothing of it is left on the
 * machine. Its pods are deleted with it; what a controller keeps is made on other nodes.
 */

import { nodes as nodeType } from '#api/generated/kinds.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Client } from '#client/client.ts';
import { clusterPaths, writeConfig } from '#host/home/cluster-home.ts';
import { removeNamespaceNode } from '#host/home/namespace-nodes.ts';
import { withClusterLock } from '../../shared/cluster-lock.ts';
import type { CliContext } from '../../shared/command.ts';
import { Problem } from '../../shared/problem.ts';
import { firstNodeName } from './add.ts';
import { withRunningCluster } from './running-cluster.ts';

export async function removeNode(context: CliContext, name: string, nodeName: string): Promise<void> {
  await withClusterLock(clusterPaths(name), () =>
    withRunningCluster(name, async ({ config, paths, admin }) => {
      const node = config.nodes?.find((known) => known.name === nodeName);
      if (!node) refuse(name, nodeName);
      await removeNamespaceNode(paths, node, undefined);
      await deleteObject(admin, nodeName);
      writeConfig(paths, { ...config, nodes: config.nodes?.filter((known) => known !== node) ?? [] });
    }),
  );
  context.print(`node ${nodeName} is removed from cluster ${name}`);
}

function refuse(name: string, nodeName: string): never {
  if (nodeName === firstNodeName()) {
    throw new Problem(
      `node ${nodeName} is the machine itself, with the cluster's control plane`,
      `kybern delete --name ${name} removes the cluster`,
    );
  }
  throw new Problem(
    `cluster ${name} has no node ${nodeName} that was made on this machine`,
    `kybern node list --name ${name} shows those there are`,
  );
}

async function deleteObject(admin: Client, name: string): Promise<void> {
  try {
    await admin.delete(nodeType, { name });
  } catch (error) {
    if (!(error instanceof StatusError && error.reason === 'NotFound')) throw error;
  }
}
