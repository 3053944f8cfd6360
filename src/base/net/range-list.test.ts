import assert from 'node:assert/strict';
import { test } from 'node:test';
import { familiesOf, findRange, ipv6PodRange, rangeOf } from './range-list.ts';

const both = '10.244.0.0/16,fd00:10:244::/56';

test('ranges – of one family, of both – are found by their family', () => {
  assert.deepEqual([familiesOf('10.244.0.0/16'), familiesOf(both)], [[4], [4, 6]]);
  assert.deepEqual([rangeOf(both, 4), rangeOf(both, 6)], ['10.244.0.0/16', 'fd00:10:244::/56']);
  assert.equal(findRange('10.244.0.0/16', 6), undefined);
  assert.throws(() => rangeOf('10.244.0.0/16', 6), { message: 'no IPv6 range in 10.244.0.0/16' });
});

test('the IPv6 range of pods – of clusters with different IPv4 ranges – differs', () => {
  assert.deepEqual(['10.244.0.0/16', '10.245.0.0/16'].map(ipv6PodRange), [
    'fd00:10:244::/56',
    'fd00:10:245::/56',
  ]);
});
