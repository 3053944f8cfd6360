import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseLinkRange, chooseRanges } from './ranges.ts';

test('ranges – a machine without conflicting routes – are the defaults', () => {
  assert.deepEqual(chooseRanges(['default', '192.0.2.0/24', 'fd00::/64']), {
    pods: '10.244.0.0/16',
    services: '10.96.0.0/16',
  });
});

test('ranges – routes of the machine or of another cluster in the way – the next free ones are chosen', () => {
  assert.deepEqual(chooseRanges(['10.244.3.0/24', '10.96.0.0/16', '10.97.1.1']), {
    pods: '10.245.0.0/16',
    services: '10.98.0.0/16',
  });
});

test('ranges – none is free – an error', () => {
  assert.throws(() => chooseRanges(['10.0.0.0/8']), /no free \/16/);
});

test('the range of a link – others on the machine – the next free one is chosen, or none is', () => {
  assert.equal(chooseLinkRange(['default', '10.244.0.0/16']), '10.201.0.0/24');
  assert.equal(chooseLinkRange(['10.201.0.0/24', '10.201.1.7']), '10.201.2.0/24');
  assert.throws(() => chooseLinkRange(['10.200.0.0/15']), /no free \/24/);
});
