import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, assignPorts } from './gateway-service.ts';

test('ports of a Gateway – recorded and new – stay, and are those that no other Gateway has', () => {
  const assigned = assignPorts([80, 443, 8080], new Map([[443, 20_007]]), new Set([20_000, 20_001]));
  assert.deepEqual(
    [...assigned!],
    [
      [80, 20_002],
      [443, 20_007],
      [8080, 20_003],
    ],
  );
});

test('ports of a Gateway – when all are taken – are none', () => {
  const taken = new Set(Array.from({ length: 5000 }, (_, index) => 20_000 + index));
  assert.equal(assignPorts([80], new Map(), taken), undefined);
});

test('the address of a Gateway – with a load balancer and without – is that of the balancer, or of the cluster', () => {
  const spec = { clusterIP: '10.96.0.9' };
  assert.equal(addressOf({ spec }), '10.96.0.9');
  assert.equal(
    addressOf({ spec, status: { loadBalancer: { ingress: [{ ip: '10.97.0.1' }] } } }),
    '10.97.0.1',
  );
});
