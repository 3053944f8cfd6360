/** `kybern delete`: stops the cluster and takes away everything it ever made, from its files alone. */

import { rmdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { deleteBridge } from '#host/bridge.ts';
import { clusterPaths, kybernHome, readConfig } from '#host/cluster-home.ts';
import { tryCommand } from '#host/command.ts';
import { deleteNode } from '#host/node-home.ts';
import { defineCommand } from './command.ts';
import { endCluster } from './down.ts';
import { removeFromKubeconfig } from './kubeconfig-file.ts';
import { Problem } from './problem.ts';

export const deleteCommand = defineCommand((program, context) => {
  program
    .command('delete')
    .description('stop a cluster and remove all it made: containers, networks, files')
    .option('--name <name>', 'name of the cluster', 'default')
    .action(async ({ name }: { name: string }) => {
      if (!readConfig(clusterPaths(name))) {
        removeFromKubeconfig(name);
        throw new Problem(`there is no cluster ${name}`, 'kybern list shows those there are');
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
    removeIfEmpty(dirname(paths.run));
  }
  removeFromKubeconfig(name);
  // Last, so that a delete that was itself cut off can be run again.
  rmSync(paths.dir, { recursive: true, force: true });
  for (const folder of [dirname(paths.dir), kybernHome()]) removeIfEmpty(folder);
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Another cluster lives there, or it never was.
  }
}
