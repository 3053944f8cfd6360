/**
 * The metrics of a control group that `/metrics/cadvisor` has: names and types are upstream's, each with how it is
 * read.
 */

import type { Labels } from '#base/metrics/exposition.ts';
import type { CgroupPressure, Waiting } from '#host/kernel/cgroups/pressure.ts';
import type { InspectedGroup } from '../../usage/inspected-groups.ts';

export type Value = number | undefined;
export type Labelled = readonly [more: Labels, value: Value];

interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  /** Facts of a group are no measurements: their samples have no timestamp. */
  readonly isFact?: boolean;
  read(group: InspectedGroup): Value | readonly Labelled[];
}

const nanosPerSecond = 1e9;
const microsPerSecond = 1e6;
const msPerSecond = 1000;

function counter(name: string, help: string, read: Family['read']): Family {
  return { name: `container_${name}`, type: 'counter', help, read };
}

function gauge(name: string, help: string, read: Family['read']): Family {
  return { name: `container_${name}`, type: 'gauge', help, read };
}

function fact(name: string, help: string, read: Family['read']): Family {
  return { ...gauge(name, help, read), isFact: true };
}

const whenLimited = (read: (group: InspectedGroup) => Value): Family['read'] => {
  return (group) => (group.details.cpu.quotaUs === undefined ? undefined : read(group));
};

const cpuFamilies: readonly Family[] = [
  counter('cpu_usage_seconds_total', 'CPU time, in seconds', ({ usage }) => [
    [{ cpu: 'total' }, usage.cpuNanos / nanosPerSecond],
  ]),
  counter(
    'cpu_user_seconds_total',
    'CPU time in user mode, in seconds',
    ({ details }) => details.cpu.userSeconds,
  ),
  counter(
    'cpu_system_seconds_total',
    'CPU time in the kernel, in seconds',
    ({ details }) => details.cpu.systemSeconds,
  ),
  counter(
    'cpu_cfs_periods_total',
    'Periods in which a limit was enforced',
    whenLimited(({ details }) => details.cpu.periods),
  ),
  counter(
    'cpu_cfs_throttled_periods_total',
    'Periods in which processes were held back',
    whenLimited(({ details }) => details.cpu.throttledPeriods),
  ),
  counter(
    'cpu_cfs_throttled_seconds_total',
    'Time for which processes were held back, in seconds',
    whenLimited(({ details }) => details.cpu.throttledSeconds),
  ),
  counter(
    'cpu_cfs_burst_periods_total',
    'Periods in which more was used than the limit of one',
    whenLimited(({ details }) => details.cpu.burstPeriods),
  ),
  counter(
    'cpu_cfs_burst_seconds_total',
    'CPU time beyond the limit of its period, in seconds',
    whenLimited(({ details }) => details.cpu.burstSeconds),
  ),
];

const memoryFamilies: readonly Family[] = [
  gauge('memory_usage_bytes', 'All memory in use, page cache included', ({ usage }) => usage.memoryBytes),
  gauge(
    'memory_working_set_bytes',
    'Memory in use that cannot be reclaimed at once',
    ({ usage }) => usage.workingSetBytes,
  ),
  gauge('memory_rss', 'Anonymous memory in use', ({ usage }) => usage.rssBytes),
  gauge('memory_cache', 'Page cache', ({ usage }) => usage.cacheBytes),
  gauge('memory_mapped_file', 'Memory of mapped files', ({ usage }) => usage.mappedFileBytes),
  gauge('memory_swap', 'Swap in use', ({ usage }) => usage.swapBytes),
  gauge(
    'memory_kernel_usage',
    'Memory of the kernel on behalf of the group',
    ({ details }) => details.memory.kernelBytes,
  ),
  gauge(
    'memory_max_usage_bytes',
    'The most memory that was in use',
    ({ details }) => details.memory.maxUsageBytes,
  ),
  counter('memory_failcnt', 'How often the memory limit was hit', ({ details }) => details.memory.limitHits),
  gauge(
    'memory_total_active_file_bytes',
    'Active page cache',
    ({ details }) => details.memory.activeFileBytes,
  ),
  gauge(
    'memory_total_inactive_file_bytes',
    'Inactive page cache',
    ({ details }) => details.memory.inactiveFileBytes,
  ),
  counter(
    'oom_events_total',
    'Processes killed for want of memory',
    ({ details }) => details.memory.oomKills,
  ),
  counter('memory_failures_total', 'Page faults', ({ usage, details: { memory } }) => [
    [{ failure_type: 'pgfault', scope: 'container' }, memory.ownPageFaults],
    [{ failure_type: 'pgfault', scope: 'hierarchy' }, usage.pageFaults],
    [{ failure_type: 'pgmajfault', scope: 'container' }, memory.ownMajorPageFaults],
    [{ failure_type: 'pgmajfault', scope: 'hierarchy' }, usage.majorPageFaults],
  ]),
];

type PressureOf = (pressure: CgroupPressure) => Waiting | undefined;

const pressureFamily = (name: string, help: string, waiting: PressureOf) =>
  counter(`pressure_${name}_seconds_total`, help, ({ details: { pressure } }) => {
    const found = pressure && waiting(pressure);
    return found && found.totalMicros / microsPerSecond;
  });

/** On cgroup v2 alone, as upstream. */
const pressureFamilies: readonly Family[] = [
  pressureFamily(
    'cpu_stalled',
    'Time for which all processes waited for a processor',
    ({ cpu }) => cpu?.full,
  ),
  pressureFamily('cpu_waiting', 'Time for which some process waited for a processor', ({ cpu }) => cpu?.some),
  pressureFamily(
    'memory_stalled',
    'Time for which all processes waited for memory',
    ({ memory }) => memory?.full,
  ),
  pressureFamily(
    'memory_waiting',
    'Time for which some process waited for memory',
    ({ memory }) => memory?.some,
  ),
  pressureFamily(
    'io_stalled',
    'Time for which all processes waited for input and output',
    ({ io }) => io?.full,
  ),
  pressureFamily(
    'io_waiting',
    'Time for which some process waited for input and output',
    ({ io }) => io?.some,
  ),
];

const ioFamily = (name: string, help: string, stat: 'readBytes' | 'writeBytes' | 'reads' | 'writes') =>
  counter(name, help, ({ details: { io } }) => io.map((device) => [{ device: device.device }, device[stat]]));

const ioFamilies: readonly Family[] = [
  ioFamily('fs_reads_bytes_total', 'Bytes read', 'readBytes'),
  ioFamily('fs_writes_bytes_total', 'Bytes written', 'writeBytes'),
  ioFamily('fs_reads_total', 'Reads completed', 'reads'),
  ioFamily('fs_writes_total', 'Writes completed', 'writes'),
];

type NetworkStat = Exclude<keyof NonNullable<InspectedGroup['interfaces']>[number], 'name'>;

const networkFamily = (name: string, help: string, stat: NetworkStat) =>
  counter(name, help, ({ interfaces = [] }) =>
    interfaces.map((each) => [{ interface: each.name }, each[stat]]),
  );

const networkFamilies: readonly Family[] = [
  networkFamily('network_receive_bytes_total', 'Bytes received', 'receivedBytes'),
  networkFamily('network_receive_packets_total', 'Packets received', 'receivedPackets'),
  networkFamily('network_receive_packets_dropped_total', 'Packets dropped while receiving', 'receiveDropped'),
  networkFamily('network_receive_errors_total', 'Errors while receiving', 'receiveErrors'),
  networkFamily('network_transmit_bytes_total', 'Bytes sent', 'sentBytes'),
  networkFamily('network_transmit_packets_total', 'Packets sent', 'sentPackets'),
  networkFamily('network_transmit_packets_dropped_total', 'Packets dropped while sending', 'sendDropped'),
  networkFamily('network_transmit_errors_total', 'Errors while sending', 'sendErrors'),
];

const processFamilies: readonly Family[] = [
  gauge('processes', 'Processes', ({ details }) => details.processes.length),
  gauge('threads', 'Threads', ({ details }) => details.threads),
  gauge('threads_max', 'The most threads that are allowed; 0 for no limit', ({ details }) =>
    details.threads === undefined ? undefined : (details.threadsMax ?? 0),
  ),
];

const factFamilies: readonly Family[] = [
  fact('start_time_seconds', 'When it was started, in seconds of the Unix epoch', ({ startedAtMs }) =>
    startedAtMs === undefined ? undefined : Math.floor(startedAtMs / msPerSecond),
  ),
  fact(
    'spec_cpu_period',
    'Length of the period of the CPU limit, in microseconds',
    ({ details }) => details.cpu.periodUs,
  ),
  fact('spec_cpu_quota', 'CPU limit, in microseconds of a period', ({ details }) => details.cpu.quotaUs),
  fact('spec_cpu_shares', 'CPU shares', ({ details }) => details.cpu.shares),
  fact(
    'spec_memory_limit_bytes',
    'Memory limit; 0 for none',
    ({ details }) => details.memory.limitBytes ?? 0,
  ),
  fact(
    'spec_memory_swap_limit_bytes',
    'Limit of swap, on cgroup v1 of memory and swap together; 0 for none',
    ({ details }) => details.memory.swapLimitBytes ?? 0,
  ),
  fact(
    'spec_memory_reservation_limit_bytes',
    'Memory that is kept for the group; 0 for none',
    ({ details }) => details.memory.reservationBytes ?? 0,
  ),
];

export const cadvisorFamilies: readonly Family[] = [
  ...cpuFamilies,
  ...memoryFamilies,
  ...pressureFamilies,
  ...ioFamilies,
  ...networkFamilies,
  ...processFamilies,
  ...factFamilies,
];
