/**
 * `npm run fuzz -- --requests 1000000 --seed N`: bad input against a server in this process. A found fault is
 * printed with the number of its case, which `--seed N --only NUMBER` runs alone.
 */

import { parseArgs } from 'node:util';
import { fuzz, type Progress, type Report } from './run.ts';
import type { Fault } from './target.ts';
import { startWatchdog } from './watchdog.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    requests: { type: 'string', default: '1000000' },
    only: { type: 'string' },
  },
});
const seed = Number(values.seed);
const watchdog = startWatchdog(seed);
let lastRequests = 0;
let printedUpTo = 0;
const printed = new Set<string>();

function onProgress({ requests, cases, faults, found }: Progress): void {
  printFaults(found.slice(printedUpTo));
  printedUpTo = faults;
  console.log(`${requests} requests, ${requests - lastRequests}/s, ${cases} cases, ${faults} faults`);
  lastRequests = requests;
  watchdog.beat(cases);
}

const only = values.only === undefined ? undefined : Number(values.only);
const report = await fuzz({ seed, requests: Number(values.requests), only, onProgress });
await watchdog.stop();
printFaults(report.found);
printTotals(report);
process.exit(report.found.length > 0 ? 1 : 0);

/** At once, and one of each kind: what differs in numbers and names only is the same. */
function printFaults(faults: readonly Fault[]): void {
  for (const { number, what, why } of faults) {
    const kind = why.replaceAll(/\\?"[^"]*"|f\d+|\d+/g, '#').slice(0, 120);
    if (printed.has(kind)) continue;
    printed.add(kind);
    console.log(`\nfault: --seed ${seed} --only ${number}\n  ${what}\n  ${why.slice(0, 3000)}`);
  }
}

function printTotals({ requests, seconds, cases, byCode, heapBytes, rssBytes, found }: Report): void {
  const codes = [...byCode].sort(([a], [b]) => a - b).map(([code, count]) => `${code}: ${count}`);
  const megabytes = (bytes: readonly number[]) => bytes.map((size) => Math.round(size / 2 ** 20)).join(' → ');
  console.log(`\nseed ${seed}: ${requests} requests in ${cases} cases, ${Math.round(requests / seconds)}/s`);
  console.log(`codes: ${codes.join(', ')}`);
  console.log(`heap ${megabytes(heapBytes)} MB, RSS ${megabytes(rssBytes)} MB; ${found.length} faults`);
}
