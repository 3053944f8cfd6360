/**
 * The service proxy with 10,000 services of ten endpoints each, on a real kernel: start, one change, and the
 * first packet of a connection. Everything runs in a network namespace of its own. Ceilings are a bare
 * `nft -f` of the same commands, and the same connection while there is one service.
 */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BenchRow } from '../row.ts';

/** What `inside.ts` prints. */
export interface ServicesResult {
  readonly startMs: number;
  readonly bareStartMs: number;
  readonly changeMs: number;
  readonly bareChangeMs: number;
  readonly firstPacketUs: { readonly one: number; readonly many: number };
  readonly rssMb: number;
}

export const serviceCount = 10_000;
export const endpointsEach = 10;

const startMaxMs = 5_000;
const changeMaxMs = 100;

export async function servicesBench(): Promise<BenchRow[]> {
  const program = fileURLToPath(new URL('./inside.ts', import.meta.url));
  const inside =
    'ip link set lo up && ip address add 192.0.2.1/32 dev lo && ip route add 10.96.0.0/12 dev lo src 192.0.2.1 && exec "$0" "$@"';
  const args = ['--net', 'sh', '-c', inside, process.execPath, ...process.execArgv, program];
  const { stdout } = await promisify(execFile)('unshare', args, { maxBuffer: 1 << 20 });
  const result = JSON.parse(stdout) as ServicesResult;
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  const us = (value: number) => `${value.toFixed(0)} µs`;
  const { startMs, bareStartMs, changeMs, bareChangeMs, firstPacketUs, rssMb } = result;
  return [
    {
      what: `service proxy: start with ${serviceCount} services, ${serviceCount * endpointsEach} endpoints`,
      value: `${ms(startMs)} (goal ${ms(startMaxMs)}; process with API ${rssMb} MB)`,
      ceiling: `${ms(bareStartMs)} (nft alone)`,
      ratio: bareStartMs / startMs,
      floor: bareStartMs / startMaxMs,
    },
    {
      what: 'the same: an endpoint replaced, until a client reaches the new one',
      value: `${ms(changeMs)} (goal ${ms(changeMaxMs)})`,
      ceiling: `${ms(bareChangeMs)} (nft alone)`,
      ratio: bareChangeMs / changeMs,
      floor: bareChangeMs / changeMaxMs,
    },
    {
      what: 'the same: a connection opened',
      value: us(firstPacketUs.many),
      ceiling: `${us(firstPacketUs.one)} (one service)`,
      ratio: firstPacketUs.one / firstPacketUs.many,
      floor: 0.9,
    },
  ];
}
