/**
 * The metrics of the process, under the names that every Prometheus client gives them, and of Node.js, under those of
 * Node's. What only Go has (`go_goroutines`, `go_memstats_*`) is absent.
 */

import { countedElsewhere, gauge, type Metric, type Reading } from '#base/metrics/metric.ts';
import { type ProcessStats, processStats } from '#host/processes/process-stats.ts';

export function processMetrics(): readonly Metric[] {
  return [
    countedElsewhere('process_cpu_seconds_total', 'Processor time used.', () => one(cpuSeconds())),
    gauge('process_resident_memory_bytes', 'Memory held.', () => one(process.memoryUsage.rss())),
    gauge('process_start_time_seconds', 'When the process started, since 1970.', () =>
      one(performance.timeOrigin / 1000),
    ),
    ...kernelGauges.map(([name, help, value]) => gauge(name, help, () => stat(value))),
    ...kernelCounters.map(([name, help, value]) => countedElsewhere(name, help, () => stat(value))),
    ...nodeGauges.map(([name, help, value]) => gauge(name, help, () => one(value(process.memoryUsage())))),
    gauge('nodejs_version_info', 'The version of Node.js.', () => [[version(), 1]]),
  ];
}

type Row<T> = readonly [name: string, help: string, value: (source: T) => number];

/** As upstream's: what is unlimited is the largest number of 64 bits. */
const unlimited = 2 ** 64;

const kernelGauges: readonly Row<ProcessStats>[] = [
  ['process_open_fds', 'Open files and sockets.', ({ openFiles }) => openFiles],
  ['process_max_fds', 'How many files and sockets can be open.', ({ openFilesMax }) => bounded(openFilesMax)],
  ['process_virtual_memory_bytes', 'Address space used.', ({ virtualBytes }) => virtualBytes],
  [
    'process_virtual_memory_max_bytes',
    'How much address space can be used.',
    ({ virtualBytesMax }) => bounded(virtualBytesMax),
  ],
];

const kernelCounters: readonly Row<ProcessStats>[] = [
  [
    'process_network_receive_bytes_total',
    'Bytes received by the interfaces that the process sees.',
    ({ receivedBytes }) => receivedBytes,
  ],
  [
    'process_network_transmit_bytes_total',
    'Bytes sent by the interfaces that the process sees.',
    ({ sentBytes }) => sentBytes,
  ],
];

const nodeGauges: readonly Row<NodeJS.MemoryUsage>[] = [
  ['nodejs_heap_size_total_bytes', 'The size of the JavaScript heap.', ({ heapTotal }) => heapTotal],
  ['nodejs_heap_size_used_bytes', 'What of the heap is used.', ({ heapUsed }) => heapUsed],
  ['nodejs_external_memory_bytes', 'Memory that the heap refers to.', ({ external }) => external],
];

function one(value: number): readonly Reading[] {
  return [[{}, value]];
}

/** No series without /proc. */
function stat(value: (stats: ProcessStats) => number): readonly Reading[] {
  const stats = processStats();
  return stats ? one(value(stats)) : [];
}

function bounded(value: number): number {
  return Number.isFinite(value) ? value : unlimited;
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function version() {
  const [major, minor, patch] = process.versions.node.split('.');
  return { version: process.version, major: major ?? '', minor: minor ?? '', patch: patch ?? '' };
}
