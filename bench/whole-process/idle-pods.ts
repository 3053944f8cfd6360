/**
 * What a hundred idle pods on a real node cost kybern itself: CPU of its process while nothing is asked, and while an
 * autoscaler reads the metrics API every fifteen seconds.
 */

import { setTimeout as wait } from 'node:timers/promises';
import { deployments } from '#api/generated/kinds.gen.ts';
import { podMetricses } from '#api/resource-metrics/kinds.ts';
import type { Client } from '#client/client.ts';
import type { BenchRow } from '../row.ts';
import { cpuTicks, processOf } from './process-cost.ts';
import { benchImage as image, onRealNode } from './real-node.ts';

const podCount = 100;
const allowedShare = 0.02;
/** Then the start of the pods is over. */
const settleMs = 30_000;
const measureMs = 45_000;
const askMs = 15_000;
const ticksPerSecond = 100;
const namespace = 'default';

export async function idlePodsBench(): Promise<BenchRow[]> {
  return onRealNode(async ({ client, home, name }) => {
    const pid = processOf(home, name);
    await startPods(client);
    await wait(settleMs);
    const idle = await shareOf(pid, wait(measureMs));
    // The first question finds code that was never run, and measures twice.
    await client.list(podMetricses, { namespace });
    const asked = await shareOf(pid, readMetrics(client));
    return [
      row(`CPU of kybern with ${podCount} idle pods on a node`, idle),
      row('the same, the metrics API read every 15 s', asked),
    ];
  });
}

async function startPods(client: Client): Promise<void> {
  const labels = { app: 'idle' };
  const spec = { terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image }] };
  const template = { metadata: { labels }, spec };
  await client.create(deployments, {
    metadata: { name: 'idle', namespace },
    spec: { replicas: podCount, selector: { matchLabels: labels }, template },
  });
  for (;;) {
    const { status } = await client.get(deployments, { namespace, name: 'idle' });
    if (status?.availableReplicas === podCount) return;
    await wait(500);
  }
}

async function readMetrics(client: Client): Promise<void> {
  for (let askedMs = 0; askedMs < measureMs; askedMs += askMs) {
    await client.list(podMetricses, { namespace });
    await wait(askMs);
  }
}

/** Of a core, for as long as `work` lasts. */
async function shareOf(pid: number, work: Promise<void>): Promise<number> {
  const ticks = cpuTicks(pid);
  const began = performance.now();
  await work;
  return (cpuTicks(pid) - ticks) / ticksPerSecond / ((performance.now() - began) / 1000);
}

function row(what: string, share: number): BenchRow {
  return {
    what,
    value: `${(share * 100).toFixed(1)} % of a core`,
    ceiling: `${allowedShare * 100} % allowed`,
    ratio: allowedShare / share,
    floor: 1,
  };
}
