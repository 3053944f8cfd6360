import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readReserved, sumOf } from '#api/configuration/kubelet/reserved.ts';
import { readThresholds, type ThresholdTexts } from '#api/configuration/kubelet/thresholds.ts';
import { allocatableOf, excessiveReservation, withoutReserved } from './allocatable.ts';

const capacity = { cpu: '4', memory: '8Gi', 'ephemeral-storage': '100Gi', pods: '110', pid: '32768' };
type Amounts = Record<string, string>;

const table: [what: string, kube: Amounts, system: Amounts, thresholds: ThresholdTexts, left: Amounts][] = [
  ['nothing', {}, {}, { evictionHard: {} }, {}],
  ['the default thresholds', {}, {}, {}, { memory: '8092Mi', 'ephemeral-storage': '102005473200' }],
  [
    'what is reserved twice',
    { cpu: '500m', memory: '1Gi' },
    { cpu: '250m', memory: '1Gi', pid: '768' },
    { evictionHard: {} },
    { cpu: '3250m', memory: '6Gi', pid: '32k' },
  ],
  [
    'thresholds and reserved',
    { memory: '1Gi' },
    {},
    { evictionHard: { 'memory.available': '1Gi' } },
    { memory: '6Gi' },
  ],
  [
    'soft thresholds, which keep nothing',
    {},
    {},
    {
      evictionHard: {},
      evictionSoft: { 'memory.available': '2Gi' },
      evictionSoftGracePeriod: { 'memory.available': '1m' },
    },
    {},
  ],
  ['more than there is', { cpu: '5' }, {}, { evictionHard: {} }, { cpu: '0' }],
];

for (const [what, kube, system, texts, left] of table) {
  test(`allocatable – ${what} – is taken from the capacity`, () => {
    const reserved = sumOf(readReserved(kube), readReserved(system));
    assert.deepEqual(allocatableOf(capacity, reserved, readThresholds(texts, true)), {
      ...capacity,
      ...left,
    });
  });
}

test('what all pods may use – of the capacity – lacks what is reserved, not the thresholds', () =>
  assert.deepEqual(withoutReserved({ memory: '8Gi' }, readReserved({ memory: '1Gi' })), { memory: '7Gi' }));

test('a reservation – with the thresholds more than the node has – is named', () => {
  const thresholds = readThresholds({ evictionHard: { 'memory.available': '2Gi' } }, true);
  assert.equal(
    excessiveReservation(capacity, readReserved({ memory: '7Gi' }), thresholds),
    'Resource "memory" has a reservation of 9Gi but capacity of 8Gi. Expected capacity >= reservation.',
  );
  assert.equal(excessiveReservation(capacity, readReserved({ memory: '6Gi' }), thresholds), undefined);
});
