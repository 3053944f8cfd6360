import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepSlots } from './slots.ts';

const backends = (names: string) => [...names].map((ip) => ({ ip, port: 80 }));
const row = (before: string, now: string, wanted: string) =>
  test(`slots – ${before || 'none'}, then ${now || 'none'} – ${wanted || 'none'}`, () => {
    assert.deepEqual(keepSlots(backends(before), backends(now)), backends(wanted));
  });

row('', 'abc', 'abc');
row('abc', 'abc', 'abc');
row('abc', 'cba', 'abc');
row('abc', 'bc', 'cb');
row('abc', 'ab', 'ab');
row('abc', 'acd', 'adc');
row('abc', 'abcd', 'abcd');
row('abc', 'xyz', 'xyz');
row('abc', '', '');
