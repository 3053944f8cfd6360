/** `npm run bench`: the numbers of ARCHITECTURE.md as one table, each with the ceiling measured in the same run. */

import { parseArgs } from 'node:util';
import { apiBench } from './api.ts';
import { bodiesBench } from './bodies.ts';
import { hugeSetBench } from './huge-set.ts';
import { listLoadBench } from './list-load.ts';
import type { BenchRow } from './row.ts';
import { schedulerBench } from './scheduler.ts';
import { startBench } from './start.ts';
import { storeBench } from './store.ts';

/** Name on the command line, and what it runs. */
const benches: readonly [string, () => Promise<BenchRow[]>][] = [
  ['start', startBench],
  ['store', storeBench],
  ['api', apiBench],
  ['bodies', bodiesBench],
  ['list-load', listLoadBench],
  ['huge-set', hugeSetBench],
  ['scheduler', schedulerBench],
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
// The API server's and the store's threads have been closed; what a library still holds open must not keep us.
process.exit(0);
