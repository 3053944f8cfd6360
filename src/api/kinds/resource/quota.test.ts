import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countedNames, usageOf } from '../../kind/quota.ts';
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
    assert.deepEqual(usageOf(resourceClaim, claim as never, 0), { [own]: '1', ...usage });
  });
}

test('quota of a ResourceClaim – names of devices of a class – are counted', () => {
  assert.deepEqual(countedNames(resourceClaim, ['pods', gold, own]), [gold, own]);
});
