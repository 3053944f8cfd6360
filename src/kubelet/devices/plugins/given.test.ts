import assert from 'node:assert/strict';
import { test } from 'node:test';
import { givenDevices } from './given.ts';

test('devices given – two resources with the same names – the first holds', () => {
  const answer = (value: string) => ({
    envs: { SAME: value, [value]: value },
    mounts: [{ containerPath: '/same', hostPath: `/${value}`, readOnly: false }],
    devices: [{ containerPath: '/dev/same', hostPath: `/dev/${value}`, permissions: 'r' }],
    annotations: { same: value, [value]: value },
    cdiDevices: [{ name: 'v/c=same' }, { name: `v/c=${value}` }],
  });
  assert.deepEqual(givenDevices([answer('a'), answer('b')]), {
    envs: [
      { key: 'SAME', value: 'a' },
      { key: 'a', value: 'a' },
      { key: 'b', value: 'b' },
    ],
    mounts: [{ containerPath: '/same', hostPath: '/a', readonly: false, propagation: 'PROPAGATION_PRIVATE' }],
    devices: [{ containerPath: '/dev/same', hostPath: '/dev/a', permissions: 'r' }],
    annotations: { same: 'a', a: 'a', b: 'b' },
    cdiDevices: ['v/c=same', 'v/c=a', 'v/c=b'],
  });
});

test('devices given – of no answer – are none', () => {
  assert.deepEqual(givenDevices([]), { envs: [], mounts: [], devices: [], annotations: {}, cdiDevices: [] });
});
