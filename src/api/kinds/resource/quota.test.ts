import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedDeviceClaim, storedDeviceClass } from '#testing/objects/devices.ts';
import { quotaLookUps } from '#testing/objects/quota-look-ups.ts';
import { newContainer, ownedBy, storedPod } from '#testing/objects.ts';
import { extendedResourceClaimAnnotation } from '../../devices/names.ts';
import { deviceClasses, pods, resourceClaims } from '../../generated/kinds.gen.ts';
import { countedNames, usageOf } from '../../kind/quota.ts';
import type { ObjectMeta } from '../../meta/object.ts';
import { resourceClaim } from './resource-claim.ts';

const gold = 'gold.deviceclass.resource.k8s.io/devices';
const tin = 'tin.deviceclass.resource.k8s.io/devices';
const own = 'count/resourceclaims.resource.k8s.io';

const rows: readonly [title: string, requests: readonly object[], usage: Record<string, string>][] = [
  ['a number of devices', [{ name: 'a', exactly: { deviceClassName: 'gold', count: 3 } }], { [gold]: '3' }],
  [
    'two requests of one class',
    [
      { name: 'a', exactly: { deviceClassName: 'gold', allocationMode: 'ExactCount', count: 2 } },
      { name: 'b', exactly: { deviceClassName: 'gold' } },
    ],
    { [gold]: '3' },
  ],
  [
    'all devices',
    [{ name: 'a', exactly: { deviceClassName: 'gold', allocationMode: 'All' } }],
    { [gold]: '32' },
  ],
  [
    'alternatives',
    [
      {
        name: 'a',
        firstAvailable: [
          { name: 'x', deviceClassName: 'gold', count: 1 },
          { name: 'y', deviceClassName: 'gold', count: 2 },
          { name: 'z', deviceClassName: 'tin', count: 5 },
        ],
      },
    ],
    { [gold]: '2', [tin]: '5' },
  ],
];

for (const [title, requests, usage] of rows) {
  test(`quota of a ResourceClaim – ${title} – counts what it may get of each class`, () => {
    const claim = { metadata: {}, spec: { devices: { requests } } };
    assert.deepEqual(usageOf(resourceClaim, claim as never, 0, quotaLookUps()), { [own]: '1', ...usage });
  });
}

test('quota of a ResourceClaim – names of devices of a class and of extended resources – are counted', () => {
  const names = [gold, own, implicit, explicit];
  assert.deepEqual(countedNames(resourceClaim, ['pods', 'requests.cpu', ...names]), names);
});

const implicit = 'requests.deviceclass.resource.kubernetes.io/gold';
const explicit = 'requests.example.com/metal';
const ofPod = { metadata: { annotations: { [extendedResourceClaimAnnotation]: 'true' } } };
const limits = { 'example.com/metal': '1', 'deviceclass.resource.kubernetes.io/gold': '2' };
const pod = storedPod('p', {
  spec: { containers: [newContainer({ resources: { requests: limits, limits } })] },
});
const owner = { ...ownedBy(pods, pod), controller: true };

function goldClaim(name: string, more: ObjectMeta = {}) {
  const requests = [
    { name: 'a', exactly: { deviceClassName: 'gold', allocationMode: 'ExactCount', count: 4 } },
  ];
  return storedDeviceClaim(name, { metadata: more, devices: { requests } });
}

const whole = { [implicit]: '4', [explicit]: '4' };
const without = { [implicit]: '2', [explicit]: '3' };
const made = { ...ofPod.metadata, ownerReferences: [owner] };
const named = (resourceClaimName: string) => ({
  ...pod,
  status: { extendedResourceClaimStatus: { requestMappings: [], resourceClaimName } },
});

// biome-ignore format: a table
const extended: [title: string, metadata: ObjectMeta, pod: typeof pod, others: string[], usage: Record<string, string>][] = [
  ['made by hand', {}, pod, [], whole],
  ['made for the extended resources of a pod', made, pod, [], without],
  ['made for a pod that names it', made, named('c'), ['a'], without],
  ['made for a pod that names another claim', made, named('a'), [], whole],
  ['one of two for a pod, and the first by name', made, pod, ['d'], without],
  ['one of two for a pod, and not the first by name', made, pod, ['b'], whole],
  ['with the annotation and no owner', ofPod.metadata, pod, [], whole],
  ['of a pod that is another by now', made, { ...pod, metadata: { ...pod.metadata, uid: 'new' } }, [], whole],
];

for (const [title, metadata, its, others, usage] of extended) {
  test(`quota of a ResourceClaim – ${title} – counts extended resources less what its pod is counted for`, () => {
    const lookUps = quotaLookUps(
      [deviceClasses, [storedDeviceClass('gold', { extendedResourceName: 'example.com/metal' })]],
      [pods, [its]],
      [resourceClaims, others.map((name) => goldClaim(name, made))],
    );
    const counted = usageOf(resourceClaim, { ...goldClaim('c', metadata) }, 0, lookUps);
    assert.deepEqual(counted, { [own]: '1', [gold]: '4', ...usage });
  });
}
