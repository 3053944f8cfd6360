/**
 * What stored objects take: the memory of the whole process, controllers included, with 100,000 pods of 3 kB that a
 * client made and then updated, once the process has been idle for a while. The ceiling are the stored bytes alone.
 */

import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { namespaces, pods, serviceAccounts } from '#api/generated/kinds.gen.ts';
import { adminTransport } from '#cli/shared/admin-transport.ts';
import type { Client } from '#client/client.ts';
import { kybern, newCluster } from '../../test/support/cluster.ts';
import { benchPod } from '../bench-pod.ts';
import type { BenchRow } from '../row.ts';
import { processOf, residentBytes } from './process-cost.ts';

const podCount = 100_000;
const updates = 30_000;
const clients = 32;
/** Then what is garbage has been collected, and given back. */
const idleMs = 45_000;
const allowedMegabytes = 900;
const namespace = 'bench';

export async function manyPodsBench(): Promise<BenchRow[]> {
  const cluster = newCluster('bench');
  try {
    await kybern(cluster, ['up', '--name', 'bench', '--port', '0', '--nodes', '0']);
    const { client } = adminTransport(readFileSync(cluster.kubeconfig, 'utf8'));
    const pid = processOf(cluster.home, 'bench');
    await client.create(namespaces, { metadata: { name: namespace } });
    await client.create(serviceAccounts, { metadata: { name: 'default', namespace } }).catch(() => {});
    const storedBytes = await fill(client);
    await wait(idleMs);
    const filled = residentBytes(pid) / 1e6;
    await sideBySide(updates, (i) => annotate(client, `pod-${(i * 7919) % podCount}`, i));
    await wait(idleMs);
    const updated = residentBytes(pid) / 1e6;
    return [
      {
        what: `memory of ${podCount} stored pods, whole process; after ${updates} updates`,
        value: `${Math.round(filled)} MB; ${Math.round(updated)} MB`,
        ceiling: `${allowedMegabytes} MB allowed; ${Math.round(storedBytes / 1e6)} MB of JSON`,
        ratio: allowedMegabytes / filled,
        floor: 1,
      },
    ];
  } finally {
    await cluster.dispose();
  }
}

/** Returns how many bytes are stored. */
async function fill(client: Client): Promise<number> {
  await sideBySide(podCount, async (i) => {
    const pod = benchPod(namespace, `pod-${i}`);
    // No scheduler takes it, and it mounts no token, as the pods that upstream's server is measured with.
    const spec = { ...pod.spec!, schedulerName: 'none', automountServiceAccountToken: false };
    await client.create(pods, { ...pod, spec });
  });
  const one = await client.get(pods, { namespace, name: 'pod-0' });
  return podCount * JSON.stringify(one).length;
}

async function annotate(client: Client, name: string, value: number): Promise<void> {
  const patch = { metadata: { annotations: { note: String(value) } } };
  await client.patch(pods, { namespace, name }, 'merge', patch);
}

async function sideBySide(count: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < count; i = next++) await work(i);
  };
  await Promise.all(Array.from({ length: clients }, worker));
}
