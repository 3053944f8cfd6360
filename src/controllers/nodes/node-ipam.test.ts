import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodes } from '#api/generated/kinds.gen.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { storedNode } from '#testing/objects.ts';
import { NodeRanges, nodeIpam } from './node-ipam.ts';

const assigned = (name: string, range: string) =>
  `patch Node ${name} {"metadata":{"uid":"${name}"},"spec":{"podCIDR":"${range}","podCIDRs":["${range}"]}}`;

test('nodes without a range – each gets its own, the same one when it is asked again', async () => {
  const controller = new DryController(nodeIpam('10.244.0.0/16'));
  controller.put(nodes, storedNode('a'), storedNode('b'));
  assert.deepEqual(controller.woken(), ['a', 'b']);
  assert.deepEqual(await controller.printed('a'), [assigned('a', '10.244.0.0/24')]);
  assert.deepEqual(await controller.printed('b'), [assigned('b', '10.244.1.0/24')]);
  assert.deepEqual(await controller.printed('a'), [assigned('a', '10.244.0.0/24')]);
});

test('nodes with a range – they keep it, and no other gets it while they are there', async () => {
  const kept = storedNode('kept', { spec: { podCIDR: '10.244.0.0/24' } });
  const controller = new DryController(nodeIpam('10.244.0.0/23')).put(nodes, kept, storedNode('a'));
  assert.deepEqual(await controller.printed('kept'), []);
  assert.deepEqual(await controller.printed('a'), [assigned('a', '10.244.1.0/24')]);
  controller.remove(nodes, kept).put(nodes, storedNode('b'));
  assert.deepEqual(await controller.printed('b'), [assigned('b', '10.244.0.0/24')]);
});

test('no range left – an event says so, and it is tried again', async () => {
  const controller = new DryController(nodeIpam('10.244.0.0/24')).put(
    nodes,
    storedNode('a'),
    storedNode('b'),
  );
  await controller.plan('a');
  assert.deepEqual(await controller.printed('b'), [
    'event Normal CIDRNotAvailable "Node b status is now: CIDRNotAvailable"',
    'again after 30000 ms',
  ]);
});

test('ranges – one each, kept, reused last', () => {
  const ranges = new NodeRanges('10.244.0.0/22');
  ranges.keep('known', '10.244.0.0/24');
  const taken = ['a', 'a', 'b'].map((node) => ranges.take(node));
  assert.deepEqual(taken, ['10.244.1.0/24', '10.244.1.0/24', '10.244.2.0/24']);
  ranges.release('a');
  const later = ['c', 'd', 'e'].map((node) => ranges.take(node));
  assert.deepEqual(later, ['10.244.3.0/24', '10.244.1.0/24', undefined]);
});

test('a cluster of both families – a node – gets a range of each', async () => {
  const controller = new DryController(nodeIpam('10.244.0.0/16,fd00:10:244::/56'));
  const kept = storedNode('kept', {
    spec: { podCIDR: '10.244.0.0/24', podCIDRs: ['10.244.0.0/24', 'fd00:10:244::/64'] },
  });
  controller.put(nodes, kept, storedNode('a'));
  assert.deepEqual(await controller.printed('a'), [
    'patch Node a {"metadata":{"uid":"a"},"spec":{"podCIDR":"10.244.1.0/24","podCIDRs":["10.244.1.0/24","fd00:10:244:1::/64"]}}',
  ]);
});
