import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedPod } from '#testing/objects.ts';
import type { InspectedGroup } from '../../usage/inspected-groups.ts';
import { cadvisorText, type Machine } from './cadvisor.ts';

const machine: Machine = {
  cpus: 2,
  memoryBytes: 1000,
  machineId: 'm',
  systemUuid: 's',
  bootId: 'b',
  kernelVersion: '6.1',
  osImage: 'Debian',
  swapBytes: 10,
  diskBytes: 0,
  hugePages: [],
  architecture: 'amd64',
  places: [
    { cpu: 0, core: 0, socket: 0, numaNode: 0, cache: 0 },
    { cpu: 1, core: 0, socket: 0, numaNode: 0, cache: 0 },
  ],
};

const none = undefined;
const pod = storedPod('web');

function group(more: Partial<InspectedGroup> & Pick<InspectedGroup, 'id'>): InspectedGroup {
  return {
    usage: {
      cpuNanos: 2_500_000_000,
      memoryBytes: 4096,
      workingSetBytes: 2048,
      rssBytes: 1024,
      cacheBytes: 0,
      mappedFileBytes: 0,
      swapBytes: none,
      pageFaults: 9,
      majorPageFaults: 0,
    },
    details: {
      cpu: {
        userSeconds: 1,
        systemSeconds: 1.5,
        shares: 512,
        periodUs: 100_000,
        quotaUs: none,
        periods: 10,
        throttledPeriods: 0,
        throttledSeconds: 0,
        burstPeriods: 0,
        burstSeconds: 0,
      },
      memory: {
        limitBytes: none,
        swapLimitBytes: none,
        reservationBytes: none,
        maxUsageBytes: none,
        limitHits: 0,
        kernelBytes: none,
        activeFileBytes: none,
        inactiveFileBytes: none,
        ownPageFaults: 3,
        ownMajorPageFaults: 0,
        oomKills: 2,
      },
      io: [],
      pressure: none,
      threads: 1,
      threadsMax: none,
      processes: [7],
    },
    ...more,
  };
}

const sent = { name: 'eth0', sentBytes: 5, sentPackets: 1, sendErrors: 0, sendDropped: 0 };
const interfaces = [{ ...sent, receivedBytes: 6, receivedPackets: 1, receiveErrors: 0, receiveDropped: 0 }];
const container = { pod, name: 'main', id: 'c1', image: 'docker.io/library/web:1' };
const groups = [
  group({ id: '/k/pod1', pod }),
  group({ id: '/k/pod1/s1', pod, runtimeId: 's1', startedAtMs: 5500, interfaces }),
  group({ id: '/k/pod1/c1', pod, runtimeId: 'c1', container, startedAtMs: 6500 }),
];

const lines = cadvisorText(groups, machine, 1_700_000_000_000).split('\n');
const named = (name: string) => lines.filter((line) => line.startsWith(`${name}{`));

test('a container – beside the sandbox and the cgroup of its pod – has the labels of upstream', () => {
  assert.deepEqual(named('container_cpu_usage_seconds_total'), [
    'container_cpu_usage_seconds_total{container="",cpu="total",id="/k/pod1",image="",name="",namespace="default",pod="web"} 2.5 1700000000000',
    'container_cpu_usage_seconds_total{container="",cpu="total",id="/k/pod1/s1",image="",name="s1",namespace="default",pod="web"} 2.5 1700000000000',
    'container_cpu_usage_seconds_total{container="main",cpu="total",id="/k/pod1/c1",image="docker.io/library/web:1",name="c1",namespace="default",pod="web"} 2.5 1700000000000',
  ]);
});

test('stats – that a group does not have – have no samples', () => {
  for (const name of [
    'container_cpu_cfs_periods_total',
    'container_memory_swap',
    'container_spec_cpu_quota',
  ]) {
    assert.deepEqual(named(name), [], name);
  }
  assert.equal(named('container_memory_failures_total').length, 12);
});

test('the network of a pod – is that of its sandbox – once for each interface', () => {
  assert.deepEqual(named('container_network_transmit_bytes_total'), [
    'container_network_transmit_bytes_total{container="",id="/k/pod1/s1",image="",interface="eth0",name="s1",namespace="default",pod="web"} 5 1700000000000',
  ]);
});

test('facts of a container – its start and its limits – have no time of measurement', () => {
  assert.deepEqual(
    named('container_start_time_seconds').at(-1),
    'container_start_time_seconds{container="main",id="/k/pod1/c1",image="docker.io/library/web:1",name="c1",namespace="default",pod="web"} 6',
  );
  assert.match(named('container_spec_memory_limit_bytes')[0]!, / 0$/);
  assert.deepEqual(named('machine_cpu_cores'), [
    'machine_cpu_cores{boot_id="b",machine_id="m",system_uuid="s"} 2',
  ]);
});

test('a machine – whose threads share a core – is described by threads, cores and sockets', () => {
  const identity = '{boot_id="b",machine_id="m",system_uuid="s"}';
  for (const [name, value] of [
    ['machine_cpu_physical_cores', 1],
    ['machine_cpu_sockets', 1],
    ['machine_swap_bytes', 10],
  ]) {
    assert.deepEqual(named(String(name)), [`${name}${identity} ${value}`]);
  }
});

test('the pressure of a group – where the kernel measures it – is in seconds', () => {
  const none = { totalMicros: 0, avg10: 0, avg60: 0, avg300: 0 };
  const cpu = { some: { ...none, totalMicros: 2_500_000 }, full: none };
  const { details, ...rest } = group({ id: '/k' });
  const pressure = { cpu, memory: undefined, io: undefined };
  const text = cadvisorText([{ ...rest, details: { ...details, pressure } }], machine, 1_700_000_000_000);
  assert.deepEqual(
    text.split('\n').filter((line) => line.startsWith('container_pressure_')),
    [
      'container_pressure_cpu_stalled_seconds_total{container="",id="/k",image="",name="",namespace="",pod=""} 0 1700000000000',
      'container_pressure_cpu_waiting_seconds_total{container="",id="/k",image="",name="",namespace="",pod=""} 2.5 1700000000000',
    ],
  );
});
