import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { applyJsonPatch } from './json-patch.ts';

describe('JSON patch – every operation – does what RFC 6902 says', () => {
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
    test(JSON.stringify(patch), () => {
      const before = structuredClone(document);
      assert.deepEqual(applyJsonPatch(document, patch), expected);
      assert.deepEqual(document, before);
    });
  }
});

describe('JSON patch – an operation that does not fit – is rejected', () => {
  const cases: [object, string][] = [
    [{ op: 'test', path: '/a', value: 2 }, 'testing value /a failed: test failed'],
    [
      { op: 'remove', path: '/x' },
      "error in remove for path: '/x': Unable to remove nonexistent key: x: missing value",
    ],
    [
      { op: 'replace', path: '/x/y', value: 1 },
      'replace operation does not apply: doc is missing path: /x/y: missing value',
    ],
    [
      { op: 'add', path: '/x/y', value: 1 },
      'add operation does not apply: doc is missing path: "/x/y": missing value',
    ],
    [
      { op: 'add', path: '/l/9', value: 1 },
      "error in add for path: '/l/9': Unable to access invalid index: 9: invalid index referenced",
    ],
    [{ op: 'frob', path: '/a' }, 'Unexpected kind: frob'],
  ];
  for (const [operation, message] of cases) {
    test(JSON.stringify(operation), () => {
      assert.throws(() => applyJsonPatch({ a: 1, l: [] }, [operation]), { name: 'PatchApplyError', message });
    });
  }
  test('a patch that is no list', () => {
    assert.throws(() => applyJsonPatch({}, {}), { name: 'PatchFormatError' });
  });
  const patched = applyJsonPatch({}, [{ op: 'add', path: '/__proto__', value: { x: 1 } }]);
  test('a name that every object inherits', () => {
    assert.equal((patched as { x?: number }).x, undefined);
  });
});
