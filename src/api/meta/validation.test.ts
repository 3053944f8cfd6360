import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dns1123Subdomain } from '../validation/validators.ts';
import type { ObjectMeta } from './object.ts';
import { metaUpdateErrors, validateObjectMeta, validateObjectMetaUpdate } from './validation.ts';

const metaRules = { namespaced: true, name: dns1123Subdomain };
const meta: ObjectMeta = { name: 'a', namespace: 'b' };

describe('metadata – of a new object – has its messages', () => {
  const cases: [Partial<ObjectMeta>, string[]][] = [
    [{}, []],
    [{ generateName: 'a-', name: 'a-x' }, []],
    [{ namespace: '' }, ['metadata.namespace']],
    [{ labels: { 'a/b/c': 'x' } }, ['metadata.labels']],
    [{ annotations: { 'example.com/Upper': 'fine' } }, []],
    [{ annotations: { a: 'x'.repeat(262144) } }, ['metadata.annotations']],
    [{ finalizers: ['a.b/c', 'orphan'] }, []],
    [{ finalizers: ['mine'] }, ['metadata.finalizers[0]']],
    [
      { ownerReferences: [{ apiVersion: 'v1', kind: '', name: '', uid: '' }] },
      ['metadata.ownerReferences.kind', 'metadata.ownerReferences.name', 'metadata.ownerReferences.uid'],
    ],
  ];
  for (const [change, fields] of cases) {
    test(JSON.stringify(change), () => {
      const errors = validateObjectMeta({ ...meta, ...change }, metaRules);
      assert.deepEqual(
        errors.map((error) => error.field),
        fields,
      );
    });
  }
});

test('metadata – of an updated object – has its messages', () => {
  const old: ObjectMeta = {
    ...meta,
    uid: 'u',
    deletionTimestamp: '2026-01-01T00:00:00Z',
    finalizers: ['a/b'],
  };
  assert.deepEqual(validateObjectMetaUpdate({ ...old, finalizers: [] }, old), []);
  const errors = validateObjectMetaUpdate({ ...old, uid: 'v', finalizers: ['a/b', 'c/d'] }, old);
  assert.deepEqual(
    errors.map((error) => `${error.field}: ${error.detail}`),
    [
      'metadata.finalizers: no new finalizers can be added if the object is being deleted, found new finalizers []string{"c/d"}',
      'metadata.uid: field is immutable',
    ],
  );
});

describe("metadata – of an update – has each kind's checks besides the registry's", () => {
  const old = { ...meta, resourceVersion: '1', uid: 'u' };
  const rules = { ...metaRules, takesPlainFinalizers: false };
  const texts = (change: Partial<ObjectMeta>) => {
    const { common, whole, change: changes } = metaUpdateErrors({ ...old, ...change }, old, rules);
    return [common, whole, changes].map((errors) =>
      errors.map((error) => `${error.field}: ${error.detail.slice(0, 30)}`),
    );
  };
  const label = 'metadata.labels: name part must consist of alph';
  const prefix = 'metadata.generateName: a lowercase RFC 1123 subdomain';
  const plain = 'metadata.finalizers[0]: name is neither a standard fin';
  const cases: [Partial<ObjectMeta>, string[][]][] = [
    [{}, [[], [], []]],
    [{ labels: { 'bad!': 'x' } }, [[label, label], [label], [label]]],
    [{ generateName: 'Bad!' }, [[], [prefix], []]],
    [{ finalizers: ['mine'] }, [[], [plain], [plain]]],
    [{ generateName: 'a/b' }, [["metadata.generateName: may not contain '/'"], [prefix], []]],
  ];
  for (const [change, expected] of cases) {
    test(JSON.stringify(change), () => assert.deepEqual(texts(change), expected));
  }
});
