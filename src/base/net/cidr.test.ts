import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addressAt, contains, formatCidr, overlap, parseCidr, parseIPv4 } from './cidr.ts';

test('CIDR – parsed and printed – is the same, with host bits cleared', () => {
  assert.equal(formatCidr(parseCidr('10.244.7.9/16')), '10.244.0.0/16');
  assert.equal(formatCidr(parseCidr('255.255.255.255')), '255.255.255.255/32');
  assert.equal(formatCidr(parseCidr('0.0.0.0/0')), '0.0.0.0/0');
  assert.equal(addressAt(parseCidr('10.96.0.0/16'), 10), '10.96.0.10');
});

describe('CIDR – bad addresses – are rejected', () => {
  for (const text of ['10.0.0', '10.0.0.256', '10.0.0.01', 'a.b.c.d', '']) {
    test(JSON.stringify(text), () => {
      assert.throws(() => parseIPv4(text));
    });
  }
  for (const text of ['10.0.0.0/33', '10.0.0.0/x']) {
    test(JSON.stringify(text), () => {
      assert.throws(() => parseCidr(text));
    });
  }
});

test('CIDR – contains and overlaps – as the ranges say', () => {
  const pods = parseCidr('10.244.0.0/16');
  assert.ok(contains(pods, parseIPv4('10.244.255.1')));
  assert.ok(!contains(pods, parseIPv4('10.245.0.1')));
  assert.ok(overlap(pods, parseCidr('10.0.0.0/8')));
  assert.ok(overlap(pods, parseCidr('10.244.3.0/24')));
  assert.ok(!overlap(pods, parseCidr('10.96.0.0/16')));
});
