import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readThresholds, type Signal } from '#api/configuration/kubelet/thresholds.ts';
import type { PodSpec } from '#api/generated/types.gen.ts';
import { storedPod } from '#testing/objects.ts';
import type { PodUse, Resource } from '../../runtime/eviction-meter.ts';
import { evictionText } from './message.ts';

const mebi = 2 ** 20;
const disk = (bytes: number) => ({ bytes, inodes: 1 });
const use: PodUse = {
  memoryBytes: 150 * mebi,
  processes: 0,
  containers: [
    { name: 'large', memoryBytes: 100 * mebi, rootfs: disk(3 * mebi), logs: disk(mebi) },
    { name: 'small', memoryBytes: 10 * mebi, rootfs: disk(0), logs: disk(0) },
    { name: 'sidecar', memoryBytes: 40 * mebi + 1, rootfs: disk(1), logs: disk(0) },
  ],
  volumes: disk(0),
};
const spec: PodSpec = {
  containers: [
    { name: 'large', resources: { requests: { memory: '50Mi', 'ephemeral-storage': '1Mi' } } },
    { name: 'small', resources: { requests: { memory: '20Mi' } } },
  ],
  initContainers: [{ name: 'sidecar', restartPolicy: 'Always' }],
};
const whole: PodSpec = { ...spec, resources: { requests: { memory: '1Gi' } } };
const observations = new Map<Signal, { available: number; capacity: number }>([
  ['memory.available', { available: 200 * mebi, capacity: 1000 * mebi }],
  ['nodefs.available', { available: mebi + 1, capacity: 1000 * mebi }],
  ['nodefs.inodesFree', { available: 2048, capacity: 100_000 }],
  ['pid.available', { available: 1000, capacity: 32_768 }],
]);
const thresholds = readThresholds(
  {
    evictionHard: {
      'memory.available': '300Mi',
      'nodefs.available': '10%',
      'nodefs.inodesFree': '5%',
      'pid.available': '2k',
    },
  },
  false,
);

const table: [resource: Resource, spec: PodSpec, message: string, annotations: Record<string, string>][] = [
  [
    'memory',
    spec,
    'The node was low on resource: memory. Threshold quantity: 300Mi, available: 200Mi. ' +
      'Container large was using 100Mi, request is 50Mi, has larger consumption of memory. ' +
      'Container sidecar was using 41943041, request is 0, has larger consumption of memory. ',
    {
      offending_containers: 'large,sidecar',
      offending_containers_usage: '100Mi,41943041',
      starved_resource: 'memory',
    },
  ],
  [
    'memory',
    whole,
    'The node was low on resource: memory. Threshold quantity: 300Mi, available: 200Mi. ' +
      'Pod p was using 150Mi, request is 1Gi, has larger consumption of memory. ' +
      'Container large was using 100Mi, request is 50Mi, has larger consumption of memory. ' +
      'Container sidecar was using 41943041, request is 0, has larger consumption of memory. ',
    {
      offending_pod: 'p',
      offending_pod_usage: '150Mi',
      offending_containers: 'large,sidecar',
      offending_containers_usage: '100Mi,41943041',
      starved_resource: 'memory',
    },
  ],
  [
    'ephemeral-storage',
    spec,
    'The node was low on resource: ephemeral-storage. Threshold quantity: 104857601, available: 1048577. ' +
      'Container large was using 4Mi, request is 1Mi, has larger consumption of ephemeral-storage. ' +
      'Container sidecar was using 1, request is 0, has larger consumption of ephemeral-storage. ',
    {
      offending_containers: 'large,sidecar',
      offending_containers_usage: '4Mi,1',
      starved_resource: 'ephemeral-storage',
    },
  ],
  [
    'inodes',
    spec,
    'The node was low on resource: inodes. Threshold quantity: 5000, available: 2048. ',
    { offending_containers: '', offending_containers_usage: '', starved_resource: 'inodes' },
  ],
  [
    'pids',
    spec,
    'The node was low on resource: pids. Threshold quantity: 2k, available: 1k. ',
    { offending_containers: '', offending_containers_usage: '', starved_resource: 'pids' },
  ],
];

for (const [resource, podSpec, message, annotations] of table) {
  test(`an eviction – for ${resource}${podSpec.resources ? ', of a pod with requests of its own' : ''} – says why`, () =>
    assert.deepEqual(
      evictionText(resource, storedPod('p', { spec: podSpec }), use, thresholds, observations),
      {
        message,
        annotations,
      },
    ));
}

test('an eviction – of a pod without stats – names the threshold alone', () =>
  assert.deepEqual(evictionText('memory', storedPod('p', { spec }), undefined, thresholds, observations), {
    message: 'The node was low on resource: memory. Threshold quantity: 300Mi, available: 200Mi. ',
    annotations: {},
  }));
