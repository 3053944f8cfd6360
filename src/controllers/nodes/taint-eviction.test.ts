import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodes, pods } from '#api/generated/kinds.gen.ts';
import type { Taint, Toleration } from '#api/generated/types.gen.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { storedNode, storedPod } from '#testing/objects.ts';
import { taintEviction } from './taint-eviction.ts';

const key = 'node.kubernetes.io/unreachable';
const since = '2026-01-01T11:59:50Z';
const taint: Taint = { key, effect: 'NoExecute', timeAdded: since };
const tolerate = (tolerationSeconds?: number): Toleration => ({
  key,
  operator: 'Exists',
  effect: 'NoExecute',
  ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
});
const nodeWith = (...taints: Taint[]) => storedNode('n', { spec: { taints } });
const podWith = (...tolerations: Toleration[]) => storedPod('p', { node: 'n', spec: { tolerations } });

const marked = JSON.stringify({
  metadata: { uid: 'p' },
  status: {
    conditions: [
      {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'DeletionByTaintManager',
        message: 'Taint manager: deleting due to NoExecute taint',
        lastTransitionTime: '2026-01-01T12:00:00Z',
      },
    ],
  },
});
const evicted = [
  'event Normal TaintManagerEviction "Marking for deletion Pod default/p"',
  `patch Pod default/p/status ${marked} ignoring NotFound`,
  'delete Pod default/p',
];

const cases: [string, Taint[], Toleration[], string[]][] = [
  ['no taint', [], [], []],
  ['a taint that evicts no pod', [{ ...taint, effect: 'NoSchedule' }], [], []],
  ['no toleration', [taint], [], evicted],
  ['a toleration without limit', [taint], [tolerate()], []],
  ['a toleration with time left', [taint], [tolerate(30)], ['again after 20000 ms']],
  ['a toleration whose time has passed', [taint], [tolerate(10)], evicted],
  ['a negative time', [taint], [tolerate(-5)], evicted],
  ['a taint without time', [{ key, effect: 'NoExecute' }], [tolerate(30)], ['again after 30000 ms']],
  ['one of two taints tolerated', [taint, { key: 'other', effect: 'NoExecute' }], [tolerate()], evicted],
];
for (const [name, taints, tolerations, expected] of cases) {
  test(`a pod on a node – ${name} – ${expected.at(-1) ?? 'it stays'}`, async () => {
    const controller = new DryController(taintEviction);
    controller.put(nodes, nodeWith(...taints)).put(pods, podWith(...tolerations));
    assert.deepEqual(await controller.printed('default/p'), expected);
  });
}

test('a taint that is taken off while a pod waits – the eviction is called off, once', async () => {
  const controller = new DryController(taintEviction);
  controller.put(nodes, nodeWith(taint)).put(pods, podWith(tolerate(30)));
  await controller.plan('default/p');
  controller.put(nodes, nodeWith());
  assert.deepEqual(await controller.printed('default/p'), [
    'event Normal TaintManagerEviction "Cancelling deletion of Pod default/p"',
  ]);
  assert.deepEqual(await controller.printed('default/p'), []);
});

test('a taint without time – the wait is counted from when it began, and again when it comes back', async () => {
  const timeless: Taint = { key, effect: 'NoExecute' };
  const controller = new DryController(taintEviction);
  controller.put(nodes, nodeWith(timeless)).put(pods, podWith(tolerate(30)));
  await controller.plan('default/p');
  await controller.clock.advance(20_000);
  assert.deepEqual(await controller.printed('default/p'), ['again after 10000 ms']);
  controller.clock.jump(3_600_000);
  assert.deepEqual(await controller.printed('default/p'), ['again after 10000 ms'], 'the wall clock is set');
  controller.put(nodes, nodeWith());
  await controller.plan('default/p');
  controller.put(nodes, nodeWith(timeless));
  assert.deepEqual(await controller.printed('default/p'), ['again after 30000 ms']);
});

test('a pod – which changes wake it', () => {
  const controller = new DryController(taintEviction);
  controller.put(nodes, storedNode('n')).put(pods, podWith());
  assert.deepEqual(controller.woken(), [], 'there is nothing to tolerate');
  controller.put(nodes, nodeWith(taint));
  assert.deepEqual(controller.woken(), ['default/p'], 'a taint comes');
  controller.put(nodes, nodeWith(taint, { key: 'x', effect: 'NoSchedule' }));
  assert.deepEqual(controller.woken(), [], 'a taint that evicts no pod');
  controller.put(nodes, nodeWith());
  assert.deepEqual(controller.woken(), ['default/p'], 'the taint goes');
});
