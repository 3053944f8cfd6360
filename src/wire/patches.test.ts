import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyJsonPatch } from './json-patch.ts';
import { applyMergePatch, createMergePatch } from './merge-patch.ts';
import { applyStrategicMergePatch, type MergeFacts } from './strategic-merge.ts';

test('JSON patch: every operation', () => {
  const cases: [unknown, object[], unknown][] = [
    [{ a: 1 }, [{ op: 'add', path: '/b', value: 2 }], { a: 1, b: 2 }],
    [{ a: [1, 3] }, [{ op: 'add', path: '/a/1', value: 2 }], { a: [1, 2, 3] }],
    [{ a: [1] }, [{ op: 'add', path: '/a/-', value: 2 }], { a: [1, 2] }],
    [{ a: 1, b: 2 }, [{ op: 'remove', path: '/a' }], { b: 2 }],
    [{ a: [1, 2] }, [{ op: 'remove', path: '/a/0' }], { a: [2] }],
    [{ a: 1 }, [{ op: 'replace', path: '/a', value: null }], { a: null }],
    [{ a: { b: 1 } }, [{ op: 'move', from: '/a/b', path: '/c' }], { a: {}, c: 1 }],
    [{ a: { b: 1 } }, [{ op: 'copy', from: '/a', path: '/c' }], { a: { b: 1 }, c: { b: 1 } }],
    [
      { 'a/b': 1, 'c~d': 2 },
      [
        { op: 'test', path: '/a~1b', value: 1 },
        { op: 'remove', path: '/c~0d' },
      ],
      { 'a/b': 1 },
    ],
    [{ a: 1 }, [{ op: 'replace', path: '', value: { b: 2 } }], { b: 2 }],
    [{ a: 1 }, [{ op: 'test', path: '/missing', value: null }], { a: 1 }],
  ];
  for (const [document, patch, expected] of cases) {
    const before = structuredClone(document);
    assert.deepEqual(applyJsonPatch(document, patch), expected, JSON.stringify(patch));
    assert.deepEqual(document, before);
  }
});

test('JSON patch: what does not fit is refused', () => {
  const cases: [object, RegExp][] = [
    [{ op: 'test', path: '/a', value: 2 }, /^testing value \/a failed: test failed$/],
    [{ op: 'remove', path: '/x' }, /Unable to remove nonexistent key: x/],
    [{ op: 'replace', path: '/x/y', value: 1 }, /doc is missing path: \/x\/y/],
    [{ op: 'add', path: '/x/y', value: 1 }, /doc is missing path: "\/x\/y"/],
    [{ op: 'add', path: '/l/9', value: 1 }, /Unable to access invalid index: 9/],
    [{ op: 'frob', path: '/a' }, /^Unexpected kind: frob$/],
  ];
  for (const [operation, message] of cases) {
    assert.throws(() => applyJsonPatch({ a: 1, l: [] }, [operation]), { name: 'PatchApplyError', message });
  }
  assert.throws(() => applyJsonPatch({}, {}), { name: 'PatchFormatError' });
  const patched = applyJsonPatch({}, [{ op: 'add', path: '/__proto__', value: { x: 1 } }]);
  assert.equal((patched as { x?: number }).x, undefined);
});

test('merge patch: the cases of RFC 7386', () => {
  const cases: [unknown, unknown, unknown][] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [document, patch, expected] of cases)
    assert.deepEqual(applyMergePatch(document, patch), expected);
  const from = { a: 1, b: { c: 2, d: 3 }, e: [1] };
  const to = { a: 1, b: { c: 4 }, e: [1, 2] };
  const patch = createMergePatch(from, to);
  assert.deepEqual(patch, { b: { d: null, c: 4 }, e: [1, 2] });
  assert.deepEqual(applyMergePatch(from, patch), to);
});

/** One type: `items` merge by `name` and hold the same type, `words` merge as a set, `spec` is the same type. */
const facts: MergeFacts = {
  field(_type, field) {
    if (field === 'items') return { type: 'T', patchStrategy: 'merge', patchMergeKey: 'name' };
    if (field === 'words') return { patchStrategy: 'merge' };
    return field === 'spec'
      ? { type: 'T' }
      : field === 'strategy'
        ? { type: 'T', patchStrategy: 'retainKeys' }
        : {};
  },
};

test('strategic merge: lists, directives, order', () => {
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
      'new parts lose their directives',
      {},
      { spec: { $retainKeys: ['a'], a: 1, b: null } },
      { spec: { a: 1 } },
    ],
  ];
  for (const [name, original, patch, expected] of cases) {
    const before = structuredClone(original);
    assert.deepEqual(applyStrategicMergePatch(original, patch, 'T', facts), expected, name);
    assert.deepEqual(original, before, name);
  }
});

test('strategic merge: bad patches', () => {
  const apply = (patch: object) => applyStrategicMergePatch({ items: [{ name: 'a' }] }, patch, 'T', facts);
  assert.throws(() => apply({ items: [{ v: 1 }] }), {
    message: 'map: map[v:1] does not contain declared merge key: name',
  });
  assert.throws(() => apply({ $patch: 'frob' }), { name: 'PatchFormatError' });
});
