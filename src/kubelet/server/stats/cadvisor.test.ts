import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MachineFacts } from '#host/kernel/machine-facts.ts';
import { storedPod } from '#testing/objects.ts';
import type { InspectedGroup } from '../../usage/inspected-groups.ts';
import { cadvisorText } from './cadvisor.ts';

const machine = {
  cpus: 2,
  memoryBytes: 1000,
  machineId: 'm',
  systemUuid: 's',
  bootId: 'b',
  kernelVersion: '6.1',
  osImage: 'Debian',
} as MachineFacts;

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
      },
      memory: {
        limitBytes: none,
        maxUsageBytes: none,
        limitHits: 0,
        kernelBytes: none,
        activeFileBytes: none,
        inactiveFileBytes: none,
        ownPageFaults: 3,
        ownMajorPageFaults: 0,
      },
      io: [],
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

test('figures – that a group does not have – have no samples', () => {
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
