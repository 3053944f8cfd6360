import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceClaim, ResourceStatus } from '#api/generated/types.gen.ts';
import { storedPod } from '#testing/objects.ts';
import type { PreparedClaim, PreparedDevice } from '../prepared-claim.ts';
import { resourceStatuses } from './resource-statuses.ts';

function device(deviceName: string, requestNames: string[], ...cdiDeviceIds: string[]): PreparedDevice {
  return { poolName: 'n1', deviceName, requestNames, cdiDeviceIds };
}

const devices = [
  device('a', ['one'], 'example.com/gpu=a', 'example.com/gpu=more'),
  device('b', ['two']),
  device('c', ['two'], 'example.com/gpu=a'),
];
const claim: PreparedClaim = {
  namespace: 'default',
  name: 'shared',
  uid: 'u',
  podUids: new Set(['p']),
  devices: new Map([['d', devices]]),
  isPrepared: true,
};
const a = { resourceID: 'example.com/gpu=a', health: 'Healthy' };
const b = { resourceID: 'd/n1/b', health: 'Unhealthy', message: 'hot' };

const table: [what: string, claims: ResourceClaim[], expected: ResourceStatus[]][] = [
  ['no claim', [], []],
  ['a claim', [{ name: 'gpu' }], [{ name: 'claim:gpu', resources: [a, b] }]],
  ['a request', [{ name: 'gpu', request: 'one' }], [{ name: 'claim:gpu/one', resources: [a] }]],
  [
    'an alternative of a request',
    [{ name: 'gpu', request: 'one/large' }],
    [{ name: 'claim:gpu/one/large', resources: [a] }],
  ],
  ['a request without devices', [{ name: 'gpu', request: 'none' }], []],
  ['a claim that is not prepared', [{ name: 'other' }], []],
  ['a claim that is not created', [{ name: 'template' }], []],
];
for (const [what, claims, expected] of table) {
  test(`allocatedResourcesStatus – ${what} – has ${expected.length} entries`, () => {
    const container = { name: 'main', resources: { claims } };
    const resourceClaims = [
      { name: 'gpu', resourceClaimName: 'shared' },
      { name: 'other', resourceClaimName: 'other' },
      { name: 'template', resourceClaimTemplateName: 't' },
    ];
    const pod = storedPod('p', { spec: { containers: [container], resourceClaims } });
    const found = resourceStatuses(pod, container, {
      claim: (name) => (name === 'shared' ? claim : undefined),
      healthOf: (_, { device }) =>
        device === 'b' ? { health: 'Unhealthy', message: 'hot' } : { health: 'Healthy', message: '' },
    });
    assert.deepEqual(found, expected);
  });
}
