/** What the kernel counts for this process, where there is /proc. */

import { readdirSync, readFileSync } from 'node:fs';
import { statOf } from './stat.ts';

export interface ProcessFigures {
  readonly openFiles: number;
  /** Infinity: without a limit. So is `virtualBytesMax`. */
  readonly openFilesMax: number;
  readonly virtualBytes: number;
  readonly virtualBytesMax: number;
  /** By all interfaces of the machine, or of the network namespace that the process runs in. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** Undefined without /proc. */
export function processFigures(): ProcessFigures | undefined {
  const virtualBytes = statOf(process.pid)?.[virtualBytesField];
  if (virtualBytes === undefined) return undefined;
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const traffic = trafficIn(readFileSync('/proc/self/net/netstat', 'utf8'));
  return {
    openFiles: readdirSync('/proc/self/fd').length,
    openFilesMax: limitIn(limits, 'Max open files'),
    virtualBytes: Number(virtualBytes),
    virtualBytesMax: limitIn(limits, 'Max address space'),
    receivedBytes: traffic('InOctets'),
    sentBytes: traffic('OutOctets'),
  };
}

/** Of `vsize` in what `statOf` returns. */
const virtualBytesField = 20;

function limitIn(limits: string, name: string): number {
  const soft = new RegExp(`^${name}\\s+(\\S+)`, 'm').exec(limits)?.[1];
  return soft === undefined || soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}

/** A line of names and a line of their values, both beginning with `IpExt:`. */
function trafficIn(netstat: string): (name: string) => number {
  const [names = [], values = []] = netstat
    .split('\n')
    .filter((line) => line.startsWith('IpExt:'))
    .map((line) => line.split(' '));
  return (name) => Number(values[names.indexOf(name)] ?? 0);
}
