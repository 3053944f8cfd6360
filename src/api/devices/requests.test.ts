/** References to requests and subrequests, and the configurations that are for a device. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseRequest, configurationsFor, includesRequest, subRequestReference } from './requests.ts';

test('a reference – to a subrequest – names its request', () => {
  assert.equal(subRequestReference('gpu', 'large'), 'gpu/large');
  assert.equal(baseRequest('gpu/large'), 'gpu');
  assert.equal(baseRequest('gpu'), 'gpu');
});

const rows: [readonly string[] | undefined, string, boolean][] = [
  [undefined, 'gpu', true],
  [[], 'gpu', true],
  [['gpu'], 'gpu', true],
  [['gpu'], 'gpu/large', true],
  [['gpu/large'], 'gpu/large', true],
  [['gpu/small'], 'gpu/large', false],
  [['nic'], 'gpu', false],
];
for (const [requests, reference, expected] of rows) {
  test(`a list of requests – ${requests ? `[${requests}]` : 'absent'} – ${expected ? 'means' : 'does not mean'} ${reference}`, () => {
    assert.equal(includesRequest(requests, reference), expected);
  });
}

test('configurations – of an allocated device – are those for its request that have parameters', () => {
  const opaque = { driver: 'd', parameters: {} };
  const all = { opaque, source: 'FromClass' };
  const own = { opaque, source: 'FromClaim', requests: ['gpu'] };
  const other = { opaque, source: 'FromClaim', requests: ['nic'] };
  const empty = { source: 'FromClaim' };
  const result = { request: 'gpu/large', driver: 'd', pool: 'p', device: '0' };
  assert.deepEqual(configurationsFor([all, own, other, empty], result), [all, own]);
});
