import assert from 'node:assert/strict';
import { test } from 'node:test';
import { peerChanges } from './tunnel.ts';

const peer = { node: '192.0.2.7', inner: '10.244.2.0', mac: '0a:6b:c0:00:02:07' };
const neighbour = { dst: peer.inner, lladdr: peer.mac };
const forwarding = { mac: peer.mac, dst: peer.node };

test('tunnel entries – the wanted ones are there – nothing to do', () => {
  assert.deepEqual(peerChanges('tun', [neighbour], [forwarding], [peer]), { ip: [], bridge: [] });
});

test('tunnel entries – a new node – gets one in each table', () => {
  assert.deepEqual(peerChanges('tun', [], [], [peer]), {
    ip: ['neigh replace 10.244.2.0 lladdr 0a:6b:c0:00:02:07 dev tun nud permanent'],
    bridge: ['fdb replace 0a:6b:c0:00:02:07 dev tun dst 192.0.2.7 self permanent'],
  });
});

test('tunnel entries – a node is gone – loses both', () => {
  assert.deepEqual(peerChanges('tun', [neighbour], [forwarding], []), {
    ip: ['neigh delete 10.244.2.0 dev tun'],
    bridge: ['fdb delete 0a:6b:c0:00:02:07 dev tun self'],
  });
});

test('tunnel entries – another node has the range – the neighbour is replaced, the old forwarding entry deleted', () => {
  const other = { ...peer, node: '192.0.2.8', mac: '0a:6b:c0:00:02:08' };
  assert.deepEqual(peerChanges('tun', [neighbour], [forwarding], [other]), {
    ip: ['neigh replace 10.244.2.0 lladdr 0a:6b:c0:00:02:08 dev tun nud permanent'],
    bridge: [
      'fdb delete 0a:6b:c0:00:02:07 dev tun self',
      'fdb replace 0a:6b:c0:00:02:08 dev tun dst 192.0.2.8 self permanent',
    ],
  });
});
