/** `kybern list`: the clusters of this user on this machine. */

import { DamagedFile, listClusters } from '#host/home/cluster-home.ts';
import { defineCommand } from '../shared/command.ts';
import { outputOption } from '../shared/output-option.ts';
import { textTable } from '../shared/table.ts';
import { type ClusterStatus, clusterStatus } from './status.ts';

export const list = defineCommand((program, context) => {
  program
    .command('list')
    .description('the clusters on this machine')
    .addOption(outputOption())
    .action(async ({ output }: { output: string }) => {
      const damage: DamagedFile[] = [];
      const found = await Promise.all(listClusters().map((name) => statusOrDamage(name, damage)));
      context.print(output === 'json' ? JSON.stringify(found, null, 2) : asTable(found));
      if (damage[0]) throw damage[0];
    });
});

/** A damaged cluster does not hide the others. */
async function statusOrDamage(name: string, damage: DamagedFile[]): Promise<ClusterStatus> {
  try {
    return await clusterStatus(name);
  } catch (error) {
    if (!(error instanceof DamagedFile)) throw error;
    damage.push(error);
    return { name, phase: 'damaged', store: '-', nodes: [] };
  }
}

function asTable(clusters: readonly ClusterStatus[]): string {
  if (clusters.length === 0) return 'no clusters yet; kybern up makes one';
  const rows = [['NAME', 'PHASE', 'NODES', 'STORE', 'API'], ...clusters.map(row)];
  return textTable(rows);
}

function row(cluster: ClusterStatus): string[] {
  const ready = cluster.nodes.filter((node) => node.ready).length;
  return [cluster.name, cluster.phase, `${ready}/${cluster.nodes.length}`, cluster.store, cluster.url ?? '-'];
}
