import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CapacityRequestPolicy } from '#api/generated/types.gen.ts';
import { parseQuantity } from '#api/values/quantity.ts';
import { type Capacities, consumedBy, fits, noCapacities, subtractCapacities } from './consumed-capacity.ts';

const deviceOf = (requestPolicy?: CapacityRequestPolicy) => ({
  name: 'gpu',
  capacity: { memory: { value: '10Gi', ...(requestPolicy ? { requestPolicy } : {}) } },
});
const amounts = (memory: string): Capacities => new Map([['memory', parseQuantity(memory)]]);

const range = { default: '1Gi', validRange: { min: '2Gi', max: '8Gi', step: '2Gi' } };
const values = { default: '1Gi', validValues: ['1Gi', '4Gi', '8Gi'] };

interface Row {
  readonly what: string;
  readonly policy?: CapacityRequestPolicy;
  readonly requested?: string;
  /** Of the device, before. */
  readonly allocated?: string;
  readonly consumed: string;
  readonly fits: boolean;
}

const rows: Row[] = [
  { what: 'nothing, without a policy: all of it', consumed: '10Gi', fits: true },
  { what: 'nothing, of a device with a share', allocated: '1', consumed: '10Gi', fits: false },
  { what: 'an amount, without a policy', requested: '3Gi', consumed: '3Gi', fits: true },
  { what: 'what is left', requested: '3Gi', allocated: '7Gi', consumed: '3Gi', fits: true },
  {
    what: 'a little more than what is left',
    requested: '3Gi',
    allocated: '7169Mi',
    consumed: '3Gi',
    fits: false,
  },
  { what: 'nothing, with a default', policy: range, consumed: '1Gi', fits: true },
  { what: 'less than the least', policy: range, requested: '1Mi', consumed: '2Gi', fits: true },
  { what: 'a whole number of steps', policy: range, requested: '4Gi', consumed: '4Gi', fits: true },
  { what: 'a part of a step more', policy: range, requested: '4097Mi', consumed: '6Gi', fits: true },
  { what: 'more than the most', policy: range, requested: '9Gi', consumed: '10Gi', fits: false },
  { what: 'an amount between two values', policy: values, requested: '2Gi', consumed: '4Gi', fits: true },
  { what: 'more than the largest value', policy: values, requested: '9Gi', consumed: '9Gi', fits: false },
];

for (const { what, policy, requested, allocated, consumed, fits: expected } of rows) {
  test(`a request – for ${what} – takes ${consumed}, and ${expected ? 'fits' : 'does not fit'}`, () => {
    const device = deviceOf(policy);
    const requests: Record<string, string> = requested === undefined ? {} : { memory: requested };
    const taken = consumedBy(requests, device).get('memory');
    assert.equal(taken?.compare(parseQuantity(consumed)), 0, String(taken));
    const used = allocated === undefined ? noCapacities : amounts(allocated);
    assert.deepEqual(
      [fits(requests, device, used, noCapacities), fits(requests, device, noCapacities, used)],
      [expected, expected],
    );
  });
}

test('a request – for a capacity that the device has not – does not fit', () => {
  assert.equal(fits({ toString: '1' }, deviceOf(), noCapacities, noCapacities), false);
});

test('shares of a device – the last one subtracted – leave nothing', () => {
  const left = new Map(amounts('3Gi'));
  assert.equal(subtractCapacities(left, amounts('1Gi')), false);
  assert.equal(subtractCapacities(left, amounts('2Gi')), true);
});
