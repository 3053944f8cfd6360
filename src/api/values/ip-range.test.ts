import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCidr, parseIp } from './ip.ts';
import { rangeContains, rangeHasHost, rangesOverlap } from './ip-range.ts';

const range = (text: string) => parseCidr(text)!;
const host = (cidr: string, address: string) => rangeHasHost(range(cidr), parseIp(address)!);

const hosts: [string, string, boolean][] = [
  ['10.96.0.0/16', '10.96.0.1', true],
  ['10.96.0.0/16', '10.96.255.254', true],
  ['10.96.0.0/16', '10.96.0.0', false],
  ['10.96.0.0/16', '10.96.255.255', false],
  ['10.96.0.0/16', '10.97.0.1', false],
  ['10.96.1.0/28', '10.96.1.14', true],
  ['10.96.1.0/28', '10.96.1.15', false],
  ['fd00::/112', 'fd00::ffff', true],
  ['fd00::/112', 'fd00::', false],
  ['fd00::/112', '10.96.0.1', false],
];
for (const [cidr, address, expected] of hosts) {
  test(`${address} – is ${expected ? 'a' : 'no'} host of ${cidr}`, () => {
    assert.equal(host(cidr, address), expected);
  });
}

test('a smaller range inside a larger one – is contained, not vice versa', () => {
  const [outer, inner] = [range('10.0.0.0/8'), range('10.96.0.0/16')];
  assert.deepEqual([rangeContains(outer, inner), rangeContains(inner, outer)], [true, false]);
  assert.deepEqual([rangesOverlap(outer, inner), rangesOverlap(inner, outer)], [true, true]);
  assert.equal(rangesOverlap(outer, range('11.0.0.0/8')), false);
});
