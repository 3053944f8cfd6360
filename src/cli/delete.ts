/** `kybern delete`: stops the cluster and takes away everything it ever made, from its files alone. */

import { existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deleteBridge } from '#host/bridge.ts';
import { type ClusterPaths, clusterPaths, readConfig, upLock } from '#host/cluster-home.ts';
import { tryCommand } from '#host/command.ts';
import { releaseDeadLock } from '#host/machine-lock.ts';
import { deleteNode } from '#host/node-home.ts';
import { removeIfEmpty } from '#host/remove-if-empty.ts';
import { withClusterLock } from './cluster-lock.ts';
import { nameOption, noCluster } from './cluster-option.ts';
import { defineCommand } from './command.ts';
import { endCluster } from './down.ts';
import { removeFromKubeconfig } from './kubeconfig-file.ts';

export const deleteCommand = defineCommand((program, context) => {
  program
    .command('delete')
    .description('stop a cluster and remove all it made: containers, networks, files')
    .addOption(nameOption())
    .action(async ({ name }: { name: string }) => {
      // An `up` killed at once leaves a folder without a config, or a lock and no folder.
      const paths = clusterPaths(name);
      if (!existsSync(paths.dir)) {
        await removeFromKubeconfig(name);
        releaseMachine();
        noCluster(name);
      }
      await withClusterLock(paths, () => deleteCluster(name));
      context.print(`cluster ${name} is gone`);
    });
});

/** Works on a running, a stopped, a crashed and a half-made cluster alike. The caller holds its lock. */
export async function deleteCluster(name: string): Promise<void> {
  const paths = clusterPaths(name);
  const config = readConfig(paths);
  await endCluster(name);
  if (config?.realNodes) {
    await deleteNode(paths);
    if (config.table) await tryCommand('nft', ['delete', 'table', 'ip', config.table]);
    if (config.bridge) await deleteBridge(config.bridge);
    rmSync(paths.run, { recursive: true, force: true });
  }
  releaseMachine();
  await removeFromKubeconfig(name);
  // Last, so that a delete that was itself cut off can be run again.
  removeFiles(paths);
}

/** All but the lock, which is held and takes the empty folder with it. */
function removeFiles({ dir, lock }: ClusterPaths): void {
  const files = readdirSync(dir).map((name) => join(dir, name));
  for (const file of files) if (file !== lock) rmSync(file, { recursive: true, force: true });
}

/** What clusters share on this machine, when nobody uses it any more. */
function releaseMachine(): void {
  releaseDeadLock(upLock);
  removeIfEmpty(dirname(upLock));
}
