/** What else the kernel counts of the memory of a control group. Each number is undefined where there is none. */

import { type CgroupFile, numberOf, readNamedNumbers, unlessAbsent } from './files.ts';

export interface MemoryDetails {
  /** Undefined without a limit too; so are the two below. */
  readonly limitBytes: number | undefined;
  /** In v1 of memory and swap together. */
  readonly swapLimitBytes: number | undefined;
  /** What the group keeps when memory is short. */
  readonly reservationBytes: number | undefined;
  readonly maxUsageBytes: number | undefined;
  readonly limitHits: number | undefined;
  readonly kernelBytes: number | undefined;
  readonly activeFileBytes: number | undefined;
  readonly inactiveFileBytes: number | undefined;
  /** Of the group without those below it. */
  readonly ownPageFaults: number | undefined;
  readonly ownMajorPageFaults: number | undefined;
  /** Processes of the group, without those below it, that the kernel killed for want of memory. */
  readonly oomKills: number | undefined;
}

/** The kernel's word for no limit in v1 is the highest multiple of a page. */
const unlimitedBytes = 2 ** 62;

export async function memoryV1(at: CgroupFile): Promise<MemoryDetails> {
  const [stat, oom, limit, swapLimit, reservation, maxUsageBytes, limitHits, kernelBytes] = await Promise.all(
    [
      unlessAbsent(readNamedNumbers(at('memory', 'memory.stat'))),
      unlessAbsent(readNamedNumbers(at('memory', 'memory.oom_control'))),
      numberOf(at('memory', 'memory.limit_in_bytes')),
      numberOf(at('memory', 'memory.memsw.limit_in_bytes')),
      numberOf(at('memory', 'memory.soft_limit_in_bytes')),
      numberOf(at('memory', 'memory.max_usage_in_bytes')),
      numberOf(at('memory', 'memory.failcnt')),
      numberOf(at('memory', 'memory.kmem.usage_in_bytes')),
    ],
  );
  return {
    limitBytes: ifLimited(limit),
    swapLimitBytes: ifLimited(swapLimit),
    reservationBytes: ifLimited(reservation),
    maxUsageBytes,
    limitHits,
    kernelBytes,
    activeFileBytes: stat?.('total_active_file'),
    inactiveFileBytes: stat?.('total_inactive_file'),
    ownPageFaults: stat?.('pgfault'),
    ownMajorPageFaults: stat?.('pgmajfault'),
    oomKills: oom?.('oom_kill'),
  };
}

function ifLimited(bytes: number | undefined): number | undefined {
  return bytes !== undefined && bytes < unlimitedBytes ? bytes : undefined;
}

export async function memoryV2(at: CgroupFile): Promise<MemoryDetails> {
  const [stat, events, ownEvents, limitBytes, swapLimitBytes, reservationBytes, maxUsageBytes] =
    await Promise.all([
      unlessAbsent(readNamedNumbers(at('', 'memory.stat'))),
      unlessAbsent(readNamedNumbers(at('', 'memory.events'))),
      unlessAbsent(readNamedNumbers(at('', 'memory.events.local'))),
      numberOf(at('', 'memory.max')),
      numberOf(at('', 'memory.swap.max')),
      numberOf(at('', 'memory.min')),
      numberOf(at('', 'memory.peak')),
    ]);
  return {
    limitBytes,
    swapLimitBytes,
    reservationBytes,
    maxUsageBytes,
    limitHits: events?.('max'),
    kernelBytes: stat?.('kernel'),
    activeFileBytes: stat?.('active_file'),
    inactiveFileBytes: stat?.('inactive_file'),
    // The stats of v2 are always those of the whole tree.
    ownPageFaults: stat?.('pgfault'),
    ownMajorPageFaults: stat?.('pgmajfault'),
    oomKills: ownEvents?.('oom_kill'),
  };
}
