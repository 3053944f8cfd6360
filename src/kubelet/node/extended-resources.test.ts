import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocatableFor, extendedAmounts, noExtendedAmounts } from './extended-resources.ts';

const status = {
  capacity: { cpu: '2', 'example.com/a': '3', 'example.com/b': '1' },
  allocatable: { cpu: '1', 'example.com/a': '3' },
};

test('extended resources – that a user set – are allocatable, and their capacity is left alone', () => {
  const own = { capacity: { 'example.com/b': '5' }, allocatable: { 'example.com/b': '4' } };
  assert.deepEqual(extendedAmounts(status, own), {
    capacity: { 'example.com/b': '5' },
    allocatable: { 'example.com/a': '3', 'example.com/b': '4' },
  });
  assert.deepEqual(extendedAmounts(undefined, own), own);
});

test('extended resources – of an earlier machine – become zero, native ones do not', () => {
  assert.deepEqual(noExtendedAmounts(status), { 'example.com/a': '0', 'example.com/b': '0' });
});

test('allocatable – of a pod with devices of a plugin that has gone – is at least what pods have of them', () => {
  assert.deepEqual(
    allocatableFor(
      status,
      { cpu: '2' },
      { 'example.com/b': '0' },
      { 'example.com/b': 2, 'example.com/a': 1 },
    ),
    { cpu: '2', 'example.com/a': '3', 'example.com/b': '2' },
  );
});
