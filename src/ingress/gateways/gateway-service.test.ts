import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf } from './gateway-service.ts';

test('the address of a Gateway – with a load balancer and without – is that of the balancer, or of the cluster', () => {
  const spec = { clusterIP: '10.96.0.9' };
  assert.equal(addressOf({ spec }), '10.96.0.9');
  assert.equal(
    addressOf({ spec, status: { loadBalancer: { ingress: [{ ip: '10.97.0.1' }] } } }),
    '10.97.0.1',
  );
});
