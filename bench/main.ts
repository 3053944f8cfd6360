/**
 * `npm run bench`: the numbers of ARCHITECTURE.md as one table, each with the ceiling measured in the same
 * run.
 */

import { parseArgs } from 'node:util';
import { apiBench } from './api.ts';
import { bodiesBench } from './bodies/bodies.ts';
import { customResourcesBench } from './bodies/many-definitions.ts';
import { connectionsBench } from './connections/connections.ts';
import { dnsBench } from './dns/dns.ts';
import { celBench } from './expressions/cel.ts';
import { policiesBench } from './expressions/policies.ts';
import { floodBench } from './flood/flood.ts';
import { hugeSetBench } from './huge-set/huge-set.ts';
import { listLoadBench } from './list-load/list-load.ts';
import { oneClientBench } from './one-client/one-client.ts';
import type { BenchRow } from './row.ts';
import { schedulerBench, schedulerPreemptionBench, schedulerVolumesBench } from './scheduler.ts';
import { ingressBench } from './services/ingress.ts';
import { networkPoliciesBench } from './services/network-policies.ts';
import { servicesBench } from './services/services.ts';
import { storeBench } from './store.ts';
import { idlePodsBench } from './whole-process/idle-pods.ts';
import { manyPodsBench } from './whole-process/many-pods.ts';
import { podStartsBench } from './whole-process/pod-starts.ts';
import { startBench } from './whole-process/start.ts';

/** By the name on the command line. */
const benches: readonly [string, () => Promise<BenchRow[]>][] = [
  ['start', startBench],
  ['store', storeBench],
  ['api', apiBench],
  ['bodies', bodiesBench],
  ['cel', celBench],
  ['connections', connectionsBench],
  ['custom-resources', customResourcesBench],
  ['idle-pods', idlePodsBench],
  ['list-load', listLoadBench],
  ['dns', dnsBench],
  ['flood', floodBench],
  ['huge-set', hugeSetBench],
  ['many-pods', manyPodsBench],
  ['network-policies', networkPoliciesBench],
  ['pod-starts', podStartsBench],
  ['one-client', oneClientBench],
  ['policies', policiesBench],
  ['scheduler', schedulerBench],
  ['scheduler-preemption', schedulerPreemptionBench],
  ['scheduler-volumes', schedulerVolumesBench],
  ['services', servicesBench],
  ['ingress', ingressBench],
];

const { positionals } = parseArgs({ allowPositionals: true });
const rows: BenchRow[] = [];
for (const [name, run] of benches) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  console.log(`measuring: ${name}`);
  rows.push(...(await run()));
}
console.table(
  rows.map((row) => ({
    what: row.what,
    value: row.value,
    ceiling: row.ceiling,
    ratio: row.ratio === undefined ? '' : `${Math.round(row.ratio * 100)} %`,
    floor: row.floor === undefined ? '' : `${Math.round(row.floor * 100)} %`,
    meets: row.ratio === undefined || row.floor === undefined ? '' : row.ratio >= row.floor ? 'yes' : 'NO',
  })),
);
// The threads of API server and store are closed; a handle that a library keeps open must not keep the
// process alive.
process.exit(0);
