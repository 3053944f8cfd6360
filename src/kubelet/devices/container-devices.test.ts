import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedPod } from '#testing/objects.ts';
import { type ContainerDevices, containerDevices, type DeviceSource } from './container-devices.ts';

const container = { name: 'main' };
const pod = storedPod('p', { spec: { containers: [container] } });
const never = new AbortController().signal;
const none: ContainerDevices = { devices: [], mounts: [], envs: [], annotations: {}, cdiDevices: [] };
const source = (devices: Partial<ContainerDevices> | undefined): DeviceSource => ({
  devicesOf: async () => devices && { ...none, ...devices },
});

test('devices of a container – without a source, or with sources that have none – are none', async () => {
  assert.deepEqual(await containerDevices([], pod, container, never), none);
  assert.deepEqual(await containerDevices([source(undefined)], pod, container, never), none);
});

test('devices of a container – of several sources – are joined in the order of the sources', async () => {
  const device = { hostPath: '/dev/a', containerPath: '/dev/b', permissions: 'rw' };
  const sources = [
    source({ cdiDevices: ['example.com/gpu=0'], annotations: { a: '1', b: '1' } }),
    source({ devices: [device], envs: [{ key: 'A', value: '1' }], annotations: { b: '2' } }),
  ];
  assert.deepEqual(await containerDevices(sources, pod, container, never), {
    devices: [device],
    mounts: [],
    envs: [{ key: 'A', value: '1' }],
    annotations: { a: '1', b: '2' },
    cdiDevices: ['example.com/gpu=0'],
  });
});

test('devices of a container – a source that fails – are an error', async () => {
  const failing: DeviceSource = { devicesOf: async () => Promise.reject(new Error('no endpoint')) };
  await assert.rejects(containerDevices([failing], pod, container, never), /^Error: no endpoint$/);
});
