import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { changed, changeMessagesOf, created, strategyFor } from '#testing/kind-cases.ts';
import type { AnyObject } from '../../meta/object.ts';

const kind = ['apps', 'statefulsets'] as const;
const set = (updateStrategy: object): AnyObject => ({
  metadata: { name: 'web', namespace: 'default', uid: 'u1' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    serviceName: 'web',
    updateStrategy,
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
  },
});
const strategyOf = (object: AnyObject) => (object['spec'] as Record<string, unknown>)['updateStrategy'];

function updated(now: AnyObject, old: AnyObject): AnyObject {
  const copy = structuredClone(now);
  strategyFor(...kind).prepareForUpdate!(copy, old, '2026-01-01T00:00:00Z');
  return copy;
}

const maxUnavailable = (value: unknown) => ({ 'spec.updateStrategy.rollingUpdate.maxUnavailable': value });

test('maxUnavailable – created, or added by an update – is dropped; where it is stored it stays and is validated', () => {
  const stored = created(...kind, set({ rollingUpdate: { maxUnavailable: 2 } }));
  const without = { type: 'RollingUpdate', rollingUpdate: { partition: 0 } };
  assert.deepEqual(strategyOf(stored), without);
  assert.deepEqual(strategyOf(updated(changed(stored, maxUnavailable(3)), stored)), without);
  const old = changed(stored, maxUnavailable(2));
  const now = updated(changed(stored, maxUnavailable(3)), old);
  assert.deepEqual(strategyOf(now), {
    type: 'RollingUpdate',
    rollingUpdate: { partition: 0, maxUnavailable: 3 },
  });
  const path = 'spec.updateStrategy.rollingUpdate.maxUnavailable';
  assert.deepEqual(changeMessagesOf(...kind, changed(stored, maxUnavailable(0)), old), [
    `${path}: Invalid value: 0: cannot be 0`,
  ]);
  assert.deepEqual(changeMessagesOf(...kind, changed(stored, maxUnavailable('101%')), old), [
    `${path}: Invalid value: "101%": must not be greater than 100%`,
  ]);
});

describe('updateStrategy – an explicit type, or none – parameters are defaulted only where upstream does', () => {
  const cases: [object, object][] = [
    [{}, { type: 'RollingUpdate', rollingUpdate: { partition: 0 } }],
    [{ type: 'RollingUpdate' }, { type: 'RollingUpdate' }],
    [
      { type: 'RollingUpdate', rollingUpdate: {} },
      { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
    ],
    [{ type: 'OnDelete' }, { type: 'OnDelete' }],
  ];
  for (const [given, expected] of cases) {
    test(JSON.stringify(given), () => {
      assert.deepEqual(strategyOf(created(...kind, set(given))), expected);
    });
  }
});
