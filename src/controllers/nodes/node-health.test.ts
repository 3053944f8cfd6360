/** A node and a moment in, conditions and taints out. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { Node, Pod, Taint, Toleration } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type NodeTraits, storedNode } from '#testing/objects.ts';
import { conditionsOfSilent, taintsFor } from './node-health.ts';
import { NodeZones } from './node-zones.ts';
import { evictionDelayMs } from './taint-eviction.ts';

const nowMs = Date.parse('2026-01-01T00:10:00Z');

function node(
  ready: NodeTraits['ready'] = 'missing',
  taints: Taint[] = [],
  labels: Record<string, string> = {},
): Stored<Node> {
  return storedNode('n', { metadata: { labels }, ready, spec: { taints } });
}

function taintNames(node: Node, mayEvict = true, areOff = false): string[] | undefined {
  return taintsFor(node, { mayBegin: () => mayEvict, areOff }, nowMs)?.map(
    ({ key, effect }) => `${key}:${effect}`,
  );
}

test('a silent node – its conditions are Unknown', () => {
  const stopped = conditionsOfSilent(node('True'), nowMs)!;
  assert.deepEqual(
    stopped.map(({ type, status, reason }) => `${type}=${status} ${reason}`),
    [
      'Ready=Unknown NodeStatusUnknown',
      'MemoryPressure=Unknown NodeStatusNeverUpdated',
      'DiskPressure=Unknown NodeStatusNeverUpdated',
      'PIDPressure=Unknown NodeStatusNeverUpdated',
    ],
  );
  assert.equal(stopped[0]!.message, 'Kubelet stopped posting node status.');
  const silent = { ...node(), status: { conditions: stopped } };
  assert.equal(conditionsOfSilent(silent, nowMs), undefined);
});

test('taints – they follow the conditions', () => {
  const notReady = 'node.kubernetes.io/not-ready';
  const unreachable = 'node.kubernetes.io/unreachable';
  assert.equal(taintNames(node('True')), undefined);
  assert.deepEqual(taintNames(node('False')), [`${notReady}:NoSchedule`, `${notReady}:NoExecute`]);
  assert.deepEqual(taintNames(node('Unknown'), false), [`${unreachable}:NoSchedule`]);
  const was = [
    { key: notReady, effect: 'NoSchedule' },
    { key: notReady, effect: 'NoExecute' },
    { key: 'mine', effect: 'NoExecute' },
  ];
  assert.deepEqual(
    taintNames(node('Unknown', was), false),
    ['mine:NoExecute', `${unreachable}:NoSchedule`, `${unreachable}:NoExecute`],
    'an eviction under way is not stopped by the limit',
  );
  assert.deepEqual(taintNames(node('True', was)), ['mine:NoExecute']);
  assert.deepEqual(
    taintNames(node('False', was), true, true),
    [`${notReady}:NoSchedule`, 'mine:NoExecute'],
    'evictions are called off',
  );
  const cordoned = node('True');
  cordoned.spec = { unschedulable: true };
  assert.deepEqual(taintNames(cordoned), ['node.kubernetes.io/unschedulable:NoSchedule']);
});

test('a zone – many of its nodes are not ready – it evicts slowly or not at all', () => {
  const zone = (name: string, ready: number, dark: number, labels = {}) => [
    ...Array.from({ length: ready }, () => node('True', [], { 'topology.kubernetes.io/zone': name })),
    ...Array.from({ length: dark }, () =>
      node('Unknown', [], { 'topology.kubernetes.io/zone': name, ...labels }),
    ),
  ];
  const rates = (...zonesNodes: Node[][]) => {
    const zones = new NodeZones();
    for (const node of zonesNodes.flat()) zones.add(node);
    return [':a', ':b'].map((name) => zones.evictionsPerSecond(name));
  };
  assert.deepEqual(rates(zone('a', 0, 3)), [0, 0], 'all dark');
  assert.deepEqual(rates(zone('a', 0, 3), zone('b', 1, 0)), [0.1, 0.1]);
  assert.deepEqual(rates(zone('a', 2, 3))[0], 0);
  assert.deepEqual(rates(zone('a', 20, 40))[0], 0.01);
  assert.deepEqual(rates(zone('a', 3, 2))[0], 0.1);
  assert.deepEqual(rates(zone('a', 1, 2))[0], 0.1, 'two are no disruption yet');
  const excluded = { 'node.kubernetes.io/exclude-disruption': '' };
  assert.deepEqual(rates(zone('a', 2, 3, excluded))[0], 0.1);
  assert.deepEqual(rates(zone('a', 2, 0), [node(), node(), node()])[0], 0.1, 'never heard of');
});

test('a pod on a tainted node – how long it may stay', () => {
  const taint = { key: 'k', value: 'v', effect: 'NoExecute', timeAdded: '2026-01-01T00:09:50Z' };
  const delay = (...tolerations: Toleration[]) =>
    evictionDelayMs({ spec: { containers: [], tolerations } } as Pod, [taint], nowMs);
  assert.equal(delay(), 0);
  assert.equal(delay({ operator: 'Exists' }), undefined);
  assert.equal(delay({ key: 'k', value: 'other', effect: 'NoExecute' }), 0);
  assert.equal(delay({ key: 'k', value: 'v', tolerationSeconds: 30 }), 20_000);
  assert.equal(delay({ key: 'k', operator: 'Exists', tolerationSeconds: 5 }), 0);
  assert.equal(
    delay(
      { key: 'k', operator: 'Exists', tolerationSeconds: 30 },
      { operator: 'Exists', tolerationSeconds: 15 },
    ),
    20_000,
    'the first that matches counts',
  );
});
