/**
 * What else the kernel counts of a control group, on cgroup v1 and v2: throttling, limits, faults, input and output,
 * processes. Each number is undefined where this kernel or this group has none.
 */

import { readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  type CgroupFile,
  type CgroupMount,
  machineCgroups,
  numberOf,
  readNamedNumbers,
  unlessAbsent,
} from './files.ts';
import { type MemoryDetails, memoryV1, memoryV2 } from './memory-details.ts';
import { type CgroupPressure, readPressure } from './pressure.ts';

export interface CgroupDetails {
  readonly cpu: CpuDetails;
  readonly memory: MemoryDetails;
  readonly io: readonly DeviceIo[];
  /** Undefined on v1, and on a kernel that does not measure it. */
  readonly pressure: CgroupPressure | undefined;
  readonly threads: number | undefined;
  /** Undefined without a limit too. */
  readonly threadsMax: number | undefined;
  /** In this group, without those below it. */
  readonly processes: readonly number[];
}

export interface CpuDetails {
  readonly userSeconds: number | undefined;
  readonly systemSeconds: number | undefined;
  readonly shares: number | undefined;
  readonly periodUs: number | undefined;
  /** Undefined without a limit too. */
  readonly quotaUs: number | undefined;
  readonly periods: number | undefined;
  readonly throttledPeriods: number | undefined;
  readonly throttledSeconds: number | undefined;
  readonly burstPeriods: number | undefined;
  readonly burstSeconds: number | undefined;
}

export interface DeviceIo {
  /** `/dev/sda`, or the numbers of a device that has no name. */
  readonly device: string;
  readonly readBytes: number;
  readonly writeBytes: number;
  readonly reads: number;
  readonly writes: number;
}

const ticksPerSecond = 100;
const microsPerSecond = 1e6;
const nanosPerSecond = 1e9;
export async function readCgroupDetails(
  path: string,
  { mountPoint, isV2 }: CgroupMount = machineCgroups(),
): Promise<CgroupDetails> {
  const at: CgroupFile = (controller, file) =>
    isV2 ? `${mountPoint}${path}/${file}` : `${mountPoint}/${controller}${path}/${file}`;
  const [cpu, memory, io, pressure, threads, threadsMax, processes] = await Promise.all([
    isV2 ? cpuV2(at) : cpuV1(at),
    isV2 ? memoryV2(at) : memoryV1(at),
    isV2 ? ioV2(at) : ioV1(at),
    isV2 ? readPressure(`${mountPoint}${path}`) : undefined,
    numberOf(at('pids', 'pids.current')),
    numberOf(at('pids', 'pids.max')),
    linesOf(at('pids', 'cgroup.procs')),
  ]);
  return { cpu, memory, io, pressure, threads, threadsMax, processes: processes.map(Number) };
}

async function cpuV1(at: CgroupFile): Promise<CpuDetails> {
  const [times, stat, shares, periodUs, quotaUs] = await Promise.all([
    unlessAbsent(readNamedNumbers(at('cpuacct', 'cpuacct.stat'))),
    unlessAbsent(readNamedNumbers(at('cpu', 'cpu.stat'))),
    numberOf(at('cpu', 'cpu.shares')),
    numberOf(at('cpu', 'cpu.cfs_period_us')),
    numberOf(at('cpu', 'cpu.cfs_quota_us')),
  ]);
  return {
    userSeconds: scaled(times?.('user'), ticksPerSecond),
    systemSeconds: scaled(times?.('system'), ticksPerSecond),
    shares,
    periodUs,
    quotaUs: quotaUs !== undefined && quotaUs > 0 ? quotaUs : undefined,
    periods: stat?.('nr_periods'),
    throttledPeriods: stat?.('nr_throttled'),
    throttledSeconds: scaled(stat?.('throttled_time'), nanosPerSecond),
    burstPeriods: stat?.('nr_bursts'),
    burstSeconds: scaled(stat?.('burst_time'), nanosPerSecond),
  };
}

async function cpuV2(at: CgroupFile): Promise<CpuDetails> {
  const [stat, weight, max] = await Promise.all([
    unlessAbsent(readNamedNumbers(at('', 'cpu.stat'))),
    numberOf(at('', 'cpu.weight')),
    linesOf(at('', 'cpu.max')),
  ]);
  const [quota, period] = (max[0] ?? '').split(' ').map(finite);
  return {
    userSeconds: scaled(stat?.('user_usec'), microsPerSecond),
    systemSeconds: scaled(stat?.('system_usec'), microsPerSecond),
    shares: weight === undefined ? undefined : sharesOf(weight),
    periodUs: period,
    quotaUs: quota,
    periods: stat?.('nr_periods'),
    throttledPeriods: stat?.('nr_throttled'),
    throttledSeconds: scaled(stat?.('throttled_usec'), microsPerSecond),
    burstPeriods: stat?.('nr_bursts'),
    burstSeconds: scaled(stat?.('burst_usec'), microsPerSecond),
  };
}

/** Weights run from 1 to 10000, shares from 2 to 262144. */
function sharesOf(weight: number): number {
  return Math.floor(2 + ((weight - 1) * 262142) / 9999);
}

/** `8:0 Read 4096`, one line for each device and operation. */
async function ioV1(at: CgroupFile): Promise<DeviceIo[]> {
  const [bytes, operations] = await Promise.all([
    linesOf(at('blkio', 'blkio.throttle.io_service_bytes_recursive')),
    linesOf(at('blkio', 'blkio.throttle.io_serviced_recursive')),
  ]);
  const numbers = (lines: readonly string[]) =>
    new Map(
      lines.map((line) => line.split(' ')).map(([device, kind, n]) => [`${device} ${kind}`, Number(n)]),
    );
  const [byBytes, byOperations] = [numbers(bytes), numbers(operations)];
  const devices = new Set(
    [...byBytes.keys()].filter((key) => /^\d+:\d+ /.test(key)).map((key) => key.split(' ')[0]!),
  );
  const named = Array.from(devices, async (device) => ({
    device: await deviceName(device),
    readBytes: byBytes.get(`${device} Read`) ?? 0,
    writeBytes: byBytes.get(`${device} Write`) ?? 0,
    reads: byOperations.get(`${device} Read`) ?? 0,
    writes: byOperations.get(`${device} Write`) ?? 0,
  }));
  return Promise.all(named);
}

/** `8:0 rbytes=4096 wbytes=0 rios=1 wios=0 …`. */
async function ioV2(at: CgroupFile): Promise<DeviceIo[]> {
  const named = (await linesOf(at('', 'io.stat'))).map(async (line) => {
    const [device = '', ...pairs] = line.split(' ');
    const stats = new Map(pairs.map((pair) => pair.split('=') as [string, string]));
    const stat = (name: string) => Number(stats.get(name) ?? 0);
    return {
      device: await deviceName(device),
      readBytes: stat('rbytes'),
      writeBytes: stat('wbytes'),
      reads: stat('rios'),
      writes: stat('wios'),
    };
  });
  return Promise.all(named);
}

async function deviceName(numbers: string): Promise<string> {
  const link = await readlink(`/sys/dev/block/${numbers}`).catch(() => undefined);
  return link === undefined ? numbers : `/dev/${basename(link)}`;
}

/** `max` is no number. */
function finite(text: string): number | undefined {
  const value = Number(text);
  return text !== '' && Number.isFinite(value) ? value : undefined;
}

async function linesOf(file: string): Promise<string[]> {
  const text = await unlessAbsent(readFile(file, 'latin1'));
  return (text ?? '').split('\n').filter((line) => line !== '');
}

function scaled(value: number | undefined, unit: number): number | undefined {
  return value === undefined ? undefined : value / unit;
}
