/** A cluster with a real node and an image, for one bench; gone when it ends. */

import { readFileSync } from 'node:fs';
import { adminTransport } from '#cli/shared/admin-transport.ts';
import type { Client } from '#client/client.ts';
import { kybern, newCluster, type TestCluster } from '../../test/support/cluster.ts';
import { addBusybox } from '../../test/support/images.ts';
import type { BenchRow } from '../row.ts';

/** Sleeps. */
export const benchImage = 'bench:1';

export interface BenchNode extends Pick<TestCluster, 'home' | 'name'> {
  readonly client: Client;
}

/** No rows without root, which real containers need. */
export async function onRealNode(measure: (node: BenchNode) => Promise<BenchRow[]>): Promise<BenchRow[]> {
  if (process.getuid?.() !== 0) return [];
  const cluster = newCluster('bench');
  try {
    await kybern(cluster, ['up', '--name', cluster.name, '--port', '0']);
    await addBusybox(cluster, benchImage);
    const { client } = adminTransport(readFileSync(cluster.kubeconfig, 'utf8'));
    return await measure({ client, home: cluster.home, name: cluster.name });
  } finally {
    await cluster.dispose();
  }
}
