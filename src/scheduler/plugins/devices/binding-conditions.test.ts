/** When the devices of a claim are prepared, and when waiting for them ends. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceClaimStatus } from '#api/generated/types.gen.ts';
import { allocationOf, storedDeviceClaim } from '#testing/objects/devices.ts';
import { hasTimedOut, mustBePrepared, type Readiness, readiness } from './binding-conditions.ts';

const [result] = allocationOf('a', '0').devices?.results ?? [];
const conditional = {
  ...result!,
  bindingConditions: ['Attached', 'Warm'],
  bindingFailureConditions: ['Broken'],
};
const met = (type: string) => ({ type, status: 'True', reason: 'R', message: 'm', lastTransitionTime: '' });
const statusWith = (...types: string[]): ResourceClaimStatus => ({
  allocation: { devices: { results: [conditional] }, allocationTimestamp: '2026-01-01T00:00:00Z' },
  devices: [{ driver: result!.driver, pool: 'a', device: '0', conditions: types.map(met) }],
});
const { devices: _, ...withoutStatus } = statusWith();

const rows: [string, ResourceClaimStatus | undefined, Readiness][] = [
  ['not allocated', undefined, { state: 'pending' }],
  ['without conditions', { allocation: allocationOf('a', '0') }, { state: 'ready' }],
  ['without a status of the device', withoutStatus, { state: 'pending' }],
  ['one condition of two met', statusWith('Attached'), { state: 'pending' }],
  ['both conditions met', statusWith('Attached', 'Warm'), { state: 'ready' }],
  [
    'a failure',
    statusWith('Attached', 'Warm', 'Broken'),
    { state: 'failed', reason: 'device binding failed: claim=c, reason=R, message="m"' },
  ],
];
for (const [title, status, expected] of rows) {
  test(`a claim – ${title} – ${expected.state}`, () => {
    assert.deepEqual(readiness(storedDeviceClaim('c', status ? { status } : {})), expected);
  });
}

test('a claim – with conditions, allocated long ago – has timed out', () => {
  const claim = storedDeviceClaim('c', { status: statusWith() });
  const since = Date.parse('2026-01-01T00:00:00Z');
  assert.equal(hasTimedOut(claim, 1_000, since + 1_000), false);
  assert.equal(hasTimedOut(claim, 1_000, since + 1_001), true);
  const plain = storedDeviceClaim('c', {
    status: { allocation: { ...allocationOf('a', '0'), allocationTimestamp: '2026-01-01T00:00:00Z' } },
  });
  assert.equal(hasTimedOut(plain, 1_000, since + 9_000), false);
  assert.equal(mustBePrepared(claim) && !mustBePrepared(plain), true);
});
