/** `kybern delete`: stops the cluster and removes everything it ever created, from its files alone. */

import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { contains, parseCidr, parseIPv4 } from '#base/net/cidr.ts';
import { rangeOf } from '#base/net/range-list.ts';
import { removeIfEmpty } from '#host/files/remove-if-empty.ts';
import {
  type ClusterConfig,
  type ClusterPaths,
  clusterPaths,
  DamagedFile,
  deviceNames,
  flowLimitsRecord,
  linkBridge,
  readConfig,
  upLock,
} from '#host/home/cluster-home.ts';
import { clusterProcesses } from '#host/home/cluster-processes.ts';
import { releaseDeadLock } from '#host/home/machine-lock.ts';
import { removeNamespaceNodes } from '#host/home/namespace-nodes.ts';
import { deleteNode } from '#host/home/node-home.ts';
import { deleteBridge } from '#host/network/bridge.ts';
import { restoreFlowLimits } from '#host/network/flow-limits.ts';
import { removePodPaths } from '#host/network/links/pod-devices.ts';
import { unproxyAddresses } from '#host/network/links/proxied-addresses.ts';
import { tryCommand } from '#host/processes/command.ts';
import { withClusterLock } from '../shared/cluster-lock.ts';
import { nameOption, noCluster } from '../shared/cluster-option.ts';
import { type CliContext, defineCommand } from '../shared/command.ts';
import { removeFromKubeconfig } from '../shared/kubeconfig-file.ts';
import { problemOf } from '../shared/problem.ts';
import { endCluster, endSupervised } from './down.ts';

export const deleteCommand = defineCommand((program, context) => {
  program
    .command('delete')
    .description('stop a cluster and remove all it made: containers, networks, files')
    .addOption(nameOption())
    .action(async ({ name }: { name: string }) => {
      // An `up` killed at its start leaves a folder without a config, or a lock without a folder.
      const paths = clusterPaths(name);
      if (!existsSync(paths.dir)) {
        await forgetContext(name, context);
        await releaseMachine();
        noCluster(name);
      }
      const { storageDir } = await withClusterLock(paths, () => deleteCluster(name, context));
      context.print(`cluster ${name} is deleted`);
      if (storageDir !== undefined) context.print(`its volumes stay in ${storageDir}`);
    });
});

/** What `delete` leaves: the volumes of a cluster that was given a folder for them. */
interface Left {
  readonly storageDir?: string | undefined;
}

/** Works on a running, stopped, crashed, incomplete or damaged cluster. The caller holds its lock. */
export async function deleteCluster(name: string, context: CliContext): Promise<Left> {
  const paths = clusterPaths(name);
  const config = readableConfig(paths, context);
  await endAll(name, context);
  const { bridge, table } = { ...deviceNames(name), ...config };
  if (config?.realNodes || hasNode(paths, bridge)) {
    await removeNamespaceNodes(paths, config, { link: linkBridge(name), table });
    await deleteNode(paths, config?.storageDir);
    await removePodPaths({ bridge, table, ...(config ? { podRange: rangeOf(config.podRange, 4) } : {}) });
    for (const family of ['ip', 'ip6']) await tryCommand('nft', ['delete', 'table', family, table]);
    await unproxyAddresses(isBalancer(config));
    await deleteBridge(bridge);
    rmSync(paths.run, { recursive: true, force: true });
  }
  await releaseMachine();
  await forgetContext(name, context);
  // Last, so that a delete that was itself interrupted can be run again.
  removeFiles(paths);
  return { storageDir: config?.storageDir };
}

/** Whether an address is of the cluster's load balancers. */
function isBalancer(config: ClusterConfig | undefined): (address: string) => boolean {
  const range = config?.balancerRange ?? 'none';
  if (range === 'none') return () => false;
  return (address) => !address.includes(':') && contains(parseCidr(range), parseIPv4(address));
}

function readableConfig(paths: ClusterPaths, context: CliContext): ClusterConfig | undefined {
  try {
    return readConfig(paths);
  } catch (error) {
    warnOfDamage(error, context);
    return undefined;
  }
}

/** A process that the recorded state does not lead to is searched among all processes. */
async function endAll(name: string, context: CliContext): Promise<void> {
  try {
    await endCluster(name);
  } catch (error) {
    warnOfDamage(error, context);
    const found = clusterProcesses(name);
    await Promise.all(
      found.map(({ identity, supervisor }) => endSupervised({ process: identity, supervisor })),
    );
  }
}

/** A problem with the user's own kubeconfig does not keep a cluster from being deleted. */
async function forgetContext(name: string, context: CliContext): Promise<void> {
  try {
    await removeFromKubeconfig(name);
  } catch (error) {
    context.warn(`${problemOf(error).message}; it was left as it is`);
  }
}

function warnOfDamage(error: unknown, context: CliContext): void {
  if (!(error instanceof DamagedFile)) throw error;
  context.warn(`${problemOf(error).message}; the rest of the cluster is deleted nevertheless`);
}

/** Whether there are traces of a real node, for a cluster without a config. The bridge is created first. */
function hasNode({ node, run }: ClusterPaths, bridge: string): boolean {
  return [node, run, `/sys/class/net/${bridge}/bridge`].some((path) => existsSync(path));
}

/** All but the lock, which is held and whose release removes the empty folder. */
function removeFiles({ dir, lock }: ClusterPaths): void {
  const files = readdirSync(dir).map((name) => join(dir, name));
  for (const file of files) if (file !== lock) rmSync(file, { recursive: true, force: true });
}

/** Shared resources of this machine, when no cluster or node uses them any more. */
export async function releaseMachine(): Promise<void> {
  releaseDeadLock(upLock);
  if (isOnlyEntry(flowLimitsRecord)) await restoreFlowLimits(flowLimitsRecord);
  removeIfEmpty(dirname(upLock));
}

/** Each real node has an entry beside it. */
function isOnlyEntry(file: string): boolean {
  if (!existsSync(file)) return false;
  const entries = readdirSync(dirname(file));
  return entries.length === 1 && entries[0] === basename(file);
}
