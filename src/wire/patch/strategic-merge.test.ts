import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MergeFacts } from './merge-facts.ts';
import { applyStrategicMergePatch } from './strategic-merge.ts';

/**
 * One type: `items` merge by `name` and hold the same type, `words` merge as a set, `spec` is the same type.
 */
const facts: MergeFacts = {
  field(_type, field) {
    if (field === 'items') return { type: 'T', patchStrategy: 'merge', patchMergeKey: 'name' };
    if (field === 'words') return { type: 'value', patchStrategy: 'merge' };
    return field === 'strategy' ? { type: 'T', patchStrategy: 'retainKeys' } : { type: 'T' };
  },
};

describe('strategic merge – lists by key, directives, order – as upstream', () => {
  const item = (name: string, v = 1) => ({ name, v });
  const cases: [string, object, object, object][] = [
    [
      'merges by key',
      { items: [item('a'), item('b')] },
      { items: [{ name: 'b', v: 2 }] },
      { items: [item('a'), item('b', 2)] },
    ],
    [
      'new elements come first',
      { items: [item('a')] },
      { items: [item('b')] },
      { items: [item('b'), item('a')] },
    ],
    [
      'deletes an element',
      { items: [item('a'), item('b')] },
      { items: [{ $patch: 'delete', name: 'a' }] },
      { items: [item('b')] },
    ],
    [
      'replaces the list',
      { items: [item('a')] },
      { items: [{ $patch: 'replace' }, item('z')] },
      { items: [item('z')] },
    ],
    ['replaces a map', { spec: { a: 1, b: 2 } }, { spec: { $patch: 'replace', c: 3 } }, { spec: { c: 3 } }],
    ['empties a map', { spec: { a: 1 } }, { spec: { $patch: 'delete' } }, { spec: {} }],
    ['null deletes', { spec: { a: 1, b: 2 } }, { spec: { a: null } }, { spec: { b: 2 } }],
    ['lists without a key are replaced', { xs: [1, 2] }, { xs: [3] }, { xs: [3] }],
    ['primitives merge', { words: ['a', 'b'] }, { words: ['c', 'a'] }, { words: ['c', 'a', 'b'] }],
    ['primitives go', { words: ['a', 'b'] }, { '$deleteFromPrimitiveList/words': ['a'] }, { words: ['b'] }],
    [
      'retains keys',
      { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } },
      { strategy: { $retainKeys: ['type'], type: 'Recreate' } },
      { strategy: { type: 'Recreate' } },
    ],
    [
      'sets the order',
      { items: [item('a'), item('b'), item('c')] },
      { '$setElementOrder/items': [{ name: 'c' }, { name: 'a' }], items: [{ name: 'c', v: 9 }] },
      { items: [item('b'), item('c', 9), item('a')] },
    ],
    [
      'order of an untouched list',
      { words: ['a', 'b'] },
      { '$setElementOrder/words': ['b', 'a'] },
      { words: ['b', 'a'] },
    ],
    [
      'new parts lose their nulls, not their directives',
      {},
      { spec: { $retainKeys: ['a'], a: 1, b: null } },
      { spec: { $retainKeys: ['a'], a: 1 } },
    ],
    [
      'what is new and only says what to do is nothing',
      {},
      {
        items: [{ $patch: 'replace' }, { name: 'a' }, { name: 'b', $patch: 'delete' }],
        spec: { $patch: 'replace', a: 1 },
      },
      { items: [{ name: 'a' }] },
    ],
    [
      'an element that is new in a list stays as it is',
      { items: [item('b')] },
      { items: [{ name: 'a', v: { $patch: 'delete' }, w: [{ $patch: 'replace' }] }] },
      { items: [{ name: 'a', v: { $patch: 'delete' }, w: [{ $patch: 'replace' }] }, item('b')] },
    ],
  ];
  for (const [name, original, patch, expected] of cases) {
    test(name, () => {
      const before = structuredClone(original);
      assert.deepEqual(applyStrategicMergePatch(original, patch, 'T', facts), expected);
      assert.deepEqual(original, before);
    });
  }
});

test('strategic merge – bad patches – have upstream’s messages', () => {
  const apply = (patch: object) => applyStrategicMergePatch({ items: [{ name: 'a' }] }, patch, 'T', facts);
  assert.throws(() => apply({ items: [{ v: 1 }] }), {
    message: 'map: map[v:1] does not contain declared merge key: name',
  });
  assert.throws(() => apply({ $patch: 'frob' }), { name: 'PatchMergeError' });
});
