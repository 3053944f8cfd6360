/** What the kernel counts for this process, where there is /proc. */

import { readdirSync, readFileSync } from 'node:fs';
import { hasProc } from './processes.ts';
import { statOf } from './stat.ts';

export interface ProcessStats {
  readonly openFiles: number;
  /** Infinity: without a limit. So is `virtualBytesMax`. */
  readonly openFilesMax: number;
  readonly virtualBytes: number;
  readonly virtualBytesMax: number;
  /** By all interfaces of the machine, or of the network namespace that the process runs in. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** Undefined without /proc. Each number is read when it is asked for: counting thousands of open files takes a while. */
export function processStats(): ProcessStats | undefined {
  return hasProc ? new OwnStats() : undefined;
}

class OwnStats implements ProcessStats {
  get openFiles(): number {
    return readdirSync('/proc/self/fd').length;
  }

  get openFilesMax(): number {
    return limitOf('Max open files');
  }

  get virtualBytes(): number {
    return Number(statOf(process.pid)?.[virtualBytesField]);
  }

  get virtualBytesMax(): number {
    return limitOf('Max address space');
  }

  get receivedBytes(): number {
    return trafficOf('InOctets');
  }

  get sentBytes(): number {
    return trafficOf('OutOctets');
  }
}

/** Of `vsize` in what `statOf` returns. */
const virtualBytesField = 20;

function limitOf(name: string): number {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const soft = new RegExp(`^${name}\\s+(\\S+)`, 'm').exec(limits)?.[1];
  return soft === undefined || soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}

/** A line of names and a line of their values, both beginning with `IpExt:`. */
function trafficOf(name: string): number {
  const [names = [], values = []] = readFileSync('/proc/self/net/netstat', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('IpExt:'))
    .map((line) => line.split(' '));
  return Number(values[names.indexOf(name)] ?? 0);
}
