import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device, DeviceAttribute, DeviceConstraint } from '#api/generated/types.gen.ts';
import { storedSlice } from '#testing/objects/devices.ts';
import type { Candidate } from './candidate.ts';
import { constraintOf } from './constraints.ts';
import { buildPool } from './pool.ts';

/** Of the driver `gpu.example.com`. */
function candidateOf(attributes: Record<string, DeviceAttribute>): Candidate {
  const device: Device = { name: 'd', attributes };
  const slice = storedSlice('a', [device]);
  return { id: 'gpu.example.com/a/d', device, slice, pool: buildPool([slice], []) };
}

const matching: DeviceConstraint = { matchAttribute: 'gpu.example.com/numa' };
const distinct: DeviceConstraint = { distinctAttribute: 'gpu.example.com/numa' };
const on = (numa: DeviceAttribute) => candidateOf({ numa });

const rows = [
  ['the same value', matching, { int: 1 }, { int: 1 }, true],
  ['another value', matching, { int: 1 }, { int: 2 }, false],
  ['the same text of another type', matching, { int: 1 }, { string: '1' }, false],
  ['a version like a text', matching, { string: '1.0.0' }, { version: '1.0.0' }, false],
  ['falsehood twice', matching, { bool: false }, { bool: false }, true],
  ['the same value, which must be distinct', distinct, { int: 1 }, { int: 1 }, false],
  ['another value, which must be distinct', distinct, { int: 1 }, { int: 2 }, true],
] as const;

for (const [what, constraint, first, second, holds] of rows) {
  test(`a constraint – two devices with ${what} – ${holds ? 'holds' : 'does not hold'}`, () => {
    const found = constraintOf(constraint)!;
    assert.equal(found.add('req', on(first)), true);
    assert.equal(found.add('req', on(second)), holds);
    // What was not added need not be removed; then the first device is alone again.
    if (holds) found.remove('req', on(second));
    found.remove('req', on(first));
    assert.equal(found.add('req', on(second)), true);
  });
}

test('a constraint – a device without the attribute – does not hold, whether it must match or be distinct', () => {
  for (const constraint of [matching, distinct]) {
    assert.equal(constraintOf(constraint)!.add('req', candidateOf({})), false);
  }
});

test('an attribute – of a name with a domain – is the one with the domain, else the driver’s own', () => {
  const found = constraintOf(matching)!;
  assert.equal(found.add('req', candidateOf({ numa: { int: 1 } })), true);
  assert.equal(found.add('req', candidateOf({ 'gpu.example.com/numa': { int: 1 }, numa: { int: 2 } })), true);
  assert.equal(constraintOf({ matchAttribute: 'other.example.com/numa' })!.add('req', on({ int: 1 })), false);
});

test('a constraint – of some requests – lets devices of others be, and means all alternatives of its own', () => {
  const found = constraintOf({ ...matching, requests: ['a', 'b/large'] })!;
  const added = [
    found.add('a/small', on({ int: 1 })),
    found.add('b/small', on({ int: 2 })),
    found.add('b/large', on({ int: 2 })),
    found.add('b/large', on({ int: 1 })),
  ];
  assert.deepEqual(added, [true, true, false, true]);
});

test('a constraint – of a kind that is not known – is none', () => {
  assert.equal(constraintOf({ requests: ['a'] }), undefined);
});
