import assert from 'node:assert/strict';
import { test } from 'node:test';
import { routeChanges } from './routes.ts';

const two = { podCidr: '10.244.2.0/24', via: '10.201.0.3', device: 'eth0' };
const three = { podCidr: '10.244.3.0/24', via: '10.244.3.0', device: 'tun' };

test('route changes – the wanted routes are there – nothing to do', () => {
  assert.deepEqual(routeChanges([two, three], [three, two]), []);
});

test('route changes – a node is new, another gone – one route is added, one deleted', () => {
  assert.deepEqual(routeChanges([two], [three]), [
    'route delete 10.244.2.0/24 proto 175',
    'route replace 10.244.3.0/24 via 10.244.3.0 dev tun onlink proto 175',
  ]);
});

test('route changes – a node has another address – its route is replaced, never missing', () => {
  assert.deepEqual(routeChanges([two], [{ ...two, via: '10.201.0.9' }]), [
    'route replace 10.244.2.0/24 via 10.201.0.9 dev eth0 onlink proto 175',
  ]);
});
