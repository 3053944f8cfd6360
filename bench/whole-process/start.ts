/** How long `up` takes, and what an idle cluster costs. The ratio is floor time over measured time. */

import { setTimeout as wait } from 'node:timers/promises';
import { kybern, newCluster } from '../../test/support/cluster.ts';
import type { BenchRow } from '../row.ts';
import { cpuTicks, processOf, residentBytes } from './process-cost.ts';

const runs = 3;
const idleMs = 20_000;
const ticksPerSecond = 100;

export async function startBench(): Promise<BenchRow[]> {
  const rows = [
    await upTime('up, API answering (no nodes, memory store)', ['--nodes', '0', '--store', 'memory'], 1000),
  ];
  if (process.getuid?.() !== 0) return rows;
  rows.push(await upTime('up, real node Ready, DNS resolving', [], 5000));
  rows.push(...(await idleCost()));
  return rows;
}

async function upTime(what: string, flags: readonly string[], floorMs: number): Promise<BenchRow> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const cluster = newCluster('bench');
    const began = performance.now();
    await kybern(cluster, ['up', '--name', 'bench', '--port', '0', ...flags]);
    times.push(performance.now() - began);
    await cluster.dispose();
  }
  const medianMs = times.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? Number.NaN;
  return {
    what,
    value: `${Math.round(medianMs)} ms`,
    ceiling: `${floorMs} ms allowed`,
    ratio: floorMs / medianMs,
    floor: 1,
  };
}

async function idleCost(): Promise<BenchRow[]> {
  const cluster = newCluster('bench');
  try {
    await kybern(cluster, ['up', '--name', 'bench', '--port', '0']);
    const pid = processOf(cluster.home, 'bench');
    await wait(idleMs);
    const before = cpuTicks(pid);
    await wait(idleMs);
    const percent = ((cpuTicks(pid) - before) / ticksPerSecond / (idleMs / 1000)) * 100;
    const megabytes = residentBytes(pid) / 1e6;
    return [
      {
        what: 'idle memory, whole process with a real node',
        value: `${Math.round(megabytes)} MB`,
        ceiling: '250 MB allowed',
        ratio: 250 / megabytes,
        floor: 1,
      },
      {
        what: 'idle CPU',
        value: `${percent.toFixed(1)} % of a core`,
        ceiling: '2 % allowed',
        ratio: 2 / Math.max(percent, 0.01),
        floor: 1,
      },
    ];
  } finally {
    await cluster.dispose();
  }
}
