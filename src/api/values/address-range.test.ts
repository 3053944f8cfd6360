import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addressIn,
  formatAddressRange,
  parseAddressRange,
  placeIn,
  rangeIn,
  rangeSize,
} from './address-range.ts';

const rows: [string, string, number, string][] = [
  ['10.96.0.0/16', '10.96.0.0/16', 65_536, '10.96.0.1'],
  ['10.96.1.7/24', '10.96.1.0/24', 256, '10.96.1.1'],
  ['fd00:96::/112', 'fd00:96::/112', 65_536, 'fd00:96::1'],
  ['fd00:244::ff/56', 'fd00:244::/56', 2 ** 52, 'fd00:244::1'],
];
for (const [text, formatted, size, second] of rows) {
  test(`range ${text} – its first address, size and second address – ${formatted}, ${size}, ${second}`, () => {
    const range = parseAddressRange(text)!;
    assert.deepEqual(
      [formatAddressRange(range), rangeSize(range), addressIn(range, 1)],
      [formatted, size, second],
    );
    assert.equal(placeIn(range, second), 1);
  });
}

test('range – part of it – is the range in that place', () => {
  const parts = ['10.244.0.0/16', 'fd00:244::/56'].map((text) =>
    rangeIn(parseAddressRange(text)!, 3, text.includes(':') ? 64 : 24),
  );
  assert.deepEqual(parts.map(formatAddressRange), ['10.244.3.0/24', 'fd00:244:0:3::/64']);
});

test('range – an address of another range or family, no address – has no place', () => {
  const range = parseAddressRange('10.96.0.0/16')!;
  assert.deepEqual(
    ['10.97.0.0', '10.95.255.255', 'fd00::1', 'x'].map((text) => placeIn(range, text)),
    Array(4).fill(undefined),
  );
});
