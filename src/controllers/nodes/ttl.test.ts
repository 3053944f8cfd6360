import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodes } from '#api/generated/kinds.gen.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { storedNode } from '#testing/objects.ts';
import { stepFor, ttl } from './ttl.ts';

const annotation = 'node.alpha.kubernetes.io/ttl';
const withTtl = (name: string, seconds: string) =>
  storedNode(name, { metadata: { annotations: { [annotation]: seconds } } });

test('a node without the annotation – it is set once', async () => {
  const controller = new DryController(ttl).put(nodes, storedNode('a'), withTtl('b', '0'));
  assert.deepEqual(controller.woken(), ['a', 'b']);
  assert.deepEqual(await controller.printed('a'), [
    'patch Node a {"metadata":{"annotations":{"node.alpha.kubernetes.io/ttl":"0"}}}',
  ]);
  assert.deepEqual(await controller.printed('b'), []);
  assert.deepEqual(await controller.printed('gone'), []);
});

test('a node whose annotation does not change – it is not looked at', () => {
  const controller = new DryController(ttl).put(nodes, withTtl('a', '0'));
  controller.woken();
  controller.put(nodes, withTtl('a', '0'));
  assert.deepEqual(controller.woken(), []);
  controller.put(nodes, withTtl('a', '15'));
  assert.deepEqual(controller.woken(), ['a']);
});

test('a cluster that grows beyond a step – all nodes are looked at, and none when it shrinks a little', async () => {
  const many = Array.from({ length: 101 }, (_, i) => withTtl(`n${i}`, '0'));
  const controller = new DryController(ttl).put(nodes, ...many.slice(0, 100));
  controller.woken();
  controller.put(nodes, many[100]!);
  assert.equal(controller.woken().length, 101);
  assert.deepEqual(await controller.printed('n0'), [
    'patch Node n0 {"metadata":{"annotations":{"node.alpha.kubernetes.io/ttl":"15"}}}',
  ]);
  for (const node of many.slice(90)) controller.remove(nodes, node);
  assert.equal(controller.woken().length, 11, 'those that are gone');
  controller.remove(nodes, many[89]!);
  assert.equal(controller.woken().length, 90);
});

const steps: [count: number, from: number, to: number][] = [
  [100, 0, 0],
  [101, 0, 1],
  [95, 1, 1],
  [89, 1, 0],
  [5000, 0, 4],
];
for (const [count, from, to] of steps) {
  test(`${count} nodes at step ${from} – step ${to}`, () => assert.equal(stepFor(count, from), to));
}
