import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  formatIpv6,
  hasBitsBeyond,
  isLinkLocalUnicast,
  isLoopback,
  isMappedIpv4,
  parseCidr,
  parseIp,
} from './ip.ts';

describe('addresses – valid and invalid – are parsed', () => {
  test('addresses', () => {
    assert.deepEqual(parseIp('10.0.0.1')?.bytes, [10, 0, 0, 1]);
    assert.equal(parseIp('2001:db8::1')?.bytes.length, 16);
    assert.equal(parseIp('::ffff:1.2.3.4')?.bytes[12], 1);
  });
  for (const wrong of [
    '',
    '1.2.3',
    '1.2.3.256',
    ':::',
    '1::2::3',
    'g::',
    '1:2:3:4:5:6:7:8:9',
    'fe80::1%eth0',
  ]) {
    test(JSON.stringify(wrong), () => {
      assert.equal(parseIp(wrong), undefined);
    });
  }
  test('CIDRs and special addresses', () => {
    assert.equal(parseCidr('10.0.0.0/33'), undefined);
    assert.equal(parseCidr('fd00::/64')?.prefixBits, 64);
    assert.ok(isLoopback(parseIp('::1')!));
    assert.ok(isLinkLocalUnicast(parseIp('fe80::1')!));
  });
});

describe('an IPv6 address – printed – as RFC 5952', () => {
  const cases: [string, string][] = [
    ['2001:DB8::0:1', '2001:db8::1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:0:2:3:0:0:4', '1::2:3:0:0:4'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['fe80::0a', 'fe80::a'],
  ];
  for (const [text, canonical] of cases) {
    test(text, () => {
      assert.equal(formatIpv6(parseIp(text)!), canonical);
    });
  }
});

test('hasBitsBeyond and isMappedIpv4 – of ranges and addresses – recognise them', () => {
  assert.equal(hasBitsBeyond(parseCidr('10.1.0.0/8')!), true);
  assert.equal(hasBitsBeyond(parseCidr('10.0.0.0/8')!), false);
  assert.equal(hasBitsBeyond(parseCidr('10.128.0.0/9')!), false);
  assert.equal(isMappedIpv4(parseIp('::ffff:1.2.3.4')!), true);
  assert.equal(isMappedIpv4(parseIp('::1.2.3.4')!), false);
});
