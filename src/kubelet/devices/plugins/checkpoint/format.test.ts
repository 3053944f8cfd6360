import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AllocateAnswer } from '../device.ts';
import { checkpointText, parseCheckpoint } from './format.ts';

const answer: AllocateAnswer = {
  envs: { THING: 'dev1' },
  mounts: [{ containerPath: '/lib', hostPath: '/host/lib', readOnly: true }],
  devices: [{ containerPath: '/dev/thing', hostPath: '/dev/null', permissions: 'rw' }],
  annotations: {},
  cdiDevices: [],
};
const none: AllocateAnswer = { envs: {}, mounts: [], devices: [], annotations: {}, cdiDevices: [] };

/** Written by upstream's kubelet. */
const fromUpstream =
  '{"Data":{"PodDeviceEntries":[{"PodUID":"uid1","ContainerName":"main","ResourceName":"example.com/thing",' +
  '"DeviceIDs":{"-1":["dev1","dev2"],"1":["a"],"10":["b"],"2":["c"]},' +
  '"AllocResp":"Cg0KBVRISU5HEgRkZXYxEhMKBC9saWISCS9ob3N0L2xpYhgBGhsKCi9kZXYvdGhpbmcSCS9kZXYvbnVsbBoCcnc="},' +
  '{"PodUID":"uid2","ContainerName":"side","ResourceName":"example.com/b","DeviceIDs":{"0":["x"]},"AllocResp":""}],' +
  '"RegisteredDevices":{"example.com/b":["x"],"example.com/thing":["dev1","dev2"]}},"Checksum":642252492}';

const allocations = [
  {
    podUid: 'uid1',
    container: 'main',
    resource: 'example.com/thing',
    allocation: {
      byNode: new Map([
        [1, ['a']],
        [2, ['c']],
        [10, ['b']],
        [-1, ['dev1', 'dev2']],
      ]),
      answer,
    },
  },
  {
    podUid: 'uid2',
    container: 'side',
    resource: 'example.com/b',
    allocation: { byNode: new Map([[0, ['x']]]), answer: none },
  },
];
const registered = new Map([
  ['example.com/b', ['x']],
  ['example.com/thing', ['dev1', 'dev2']],
]);

test('checkpoint – written by upstream – is read', () => {
  assert.deepEqual(parseCheckpoint(fromUpstream), { allocations, registered });
});

test('checkpoint – written – has upstream’s checksum, and is read again', () => {
  const text = checkpointText({ allocations, registered });
  assert.equal(JSON.parse(text).Checksum, 642252492);
  assert.deepEqual(parseCheckpoint(text), { allocations, registered });
});

for (const [name, text] of [
  ['without pods', '{"Data":{"PodDeviceEntries":null,"RegisteredDevices":{}},"Checksum":3467439661}'],
  [
    'with a resource without devices',
    '{"Data":{"PodDeviceEntries":[],"RegisteredDevices":{"example.com/thing":[]}},"Checksum":3142131248}',
  ],
] as const) {
  test(`checkpoint – of upstream, ${name} – is read`, () =>
    assert.deepEqual(parseCheckpoint(text).allocations, []));
}

for (const [name, text] of [
  ['changed', fromUpstream.replace('dev1', 'dev3')],
  ['of another structure', '{"Data":{"PodDeviceEntries":[{}],"RegisteredDevices":{}},"Checksum":1}'],
  ['without data', '{}'],
] as const) {
  test(`checkpoint – ${name} – is an error`, () =>
    assert.throws(() => parseCheckpoint(text), /^Error: checkpoint is corrupted$/));
}
