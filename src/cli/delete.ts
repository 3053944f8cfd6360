/** `kybern delete`: stops the cluster and takes away everything it ever made, from its files alone. */

import { existsSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { deleteBridge } from '#host/bridge.ts';
import { clusterPaths, kybernHome, readConfig, upLock } from '#host/cluster-home.ts';
import { tryCommand } from '#host/command.ts';
import { releaseDeadLock } from '#host/machine-lock.ts';
import { deleteNode } from '#host/node-home.ts';
import { removeIfEmpty } from '#host/remove-if-empty.ts';
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
      if (!existsSync(clusterPaths(name).dir)) {
        await removeFromKubeconfig(name);
        releaseMachine();
        noCluster(name);
      }
      await deleteCluster(name);
      context.print(`cluster ${name} is gone`);
    });
});

/** Works on a running, a stopped, a crashed and a half-made cluster alike. */
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
  rmSync(paths.dir, { recursive: true, force: true });
  for (const folder of [dirname(paths.dir), kybernHome()]) removeIfEmpty(folder);
}

/** What clusters share on this machine, when nobody uses it any more. */
function releaseMachine(): void {
  releaseDeadLock(upLock);
  removeIfEmpty(dirname(upLock));
}
