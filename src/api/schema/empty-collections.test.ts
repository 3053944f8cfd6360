/** What Go's encoders write of the empty lists and maps of an object in memory. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeInto } from './decode.ts';
import { deepEqual } from './deep-equal.ts';
import { asCompared, dropEmpty, noteEmptyOf, withoutEmpty } from './empty-collections.ts';
import { loadSchema } from './load-schema.ts';

const schema = loadSchema();

function decoded(type: string, object: object): object {
  decodeInto(schema, `io.k8s.api.${type}`, object);
  return object;
}

describe('empty lists and maps – of a decoded object – in memory, in JSON and in the store', () => {
  const cases: [title: string, type: string, inMemory: object, inJson: object, stored: object][] = [
    [
      'a field with omitempty',
      'rbac.v1.PolicyRule',
      { verbs: ['a'], resources: [] },
      { verbs: ['a'] },
      { verbs: ['a'] },
    ],
    [
      'a map',
      'core.v1.ConfigMap',
      { metadata: { labels: {} }, data: {} },
      { metadata: {} },
      { metadata: {} },
    ],
    ['a field that is always written', 'rbac.v1.PolicyRule', { verbs: [] }, { verbs: [] }, { verbs: null }],
    [
      'within a list',
      'core.v1.PodDNSConfig',
      { options: [{ name: 'a' }], searches: [] },
      { options: [{ name: 'a' }] },
      { options: [{ name: 'a' }] },
    ],
    [
      'a list that is all that its struct has: the struct stays',
      'core.v1.DownwardAPIVolumeSource',
      { items: [] },
      {},
      {},
    ],
    [
      'a struct without fields',
      'core.v1.Volume',
      { name: 'a', emptyDir: {} },
      { name: 'a', emptyDir: {} },
      { name: 'a', emptyDir: {} },
    ],
    [
      'values of a map',
      'authorization.v1.SubjectAccessReviewSpec',
      { extra: { a: [] }, groups: [] },
      { extra: { a: [] } },
      { extra: { a: [] } },
    ],
  ];
  for (const [title, type, inMemory, inJson, stored] of cases) {
    test(title, () => {
      const object = decoded(type, structuredClone(inMemory));
      assert.deepEqual(object, inMemory);
      assert.deepEqual(withoutEmpty(object), inJson);
      assert.deepEqual(object, inMemory, 'the object itself has changed');
      dropEmpty(object, true);
      assert.deepEqual(object, stored);
    });
  }
});

test('an object without empty lists – written – is not copied', () => {
  const object = decoded('core.v1.ConfigMap', { metadata: { labels: { a: 'b' } } });
  assert.equal(withoutEmpty(object), object);
  assert.equal(dropEmpty(object, true), false);
});

test('a copy of an object – with its empty lists noted – is written as the object is', () => {
  const object = decoded('core.v1.ConfigMap', { metadata: {}, data: {} });
  const copy = structuredClone(object);
  noteEmptyOf(object, copy);
  assert.deepEqual(withoutEmpty(copy), { metadata: {} });
});

test('an empty map – compared with an absent one – is equal; an empty struct is not', () => {
  const type = 'io.k8s.api.core.v1.PodSpec';
  assert.ok(deepEqual({ nodeSelector: {} }, {}, type));
  assert.ok(!deepEqual({ affinity: {} }, {}, type));
});

describe('empty lists and maps – of an object whose managers are compared – stay in lists of atomic values', () => {
  const cases: [title: string, type: string, object: () => object, compared: object][] = [
    [
      'an atomic list',
      'rbac.v1.ClusterRole',
      () => ({ metadata: {}, rules: [{ verbs: ['get'], resourceNames: [] }] }),
      { metadata: {}, rules: [{ verbs: ['get'], resourceNames: [] }] },
    ],
    [
      'an atomic struct',
      'networking.v1.NetworkPolicySpec',
      () => ({
        podSelector: { matchLabels: {}, matchExpressions: [{ key: 'k', operator: 'Exists', values: [] }] },
      }),
      { podSelector: { matchExpressions: [{ key: 'k', operator: 'Exists', values: [] }] } },
    ],
    [
      'a list that is a map',
      'core.v1.PodSpec',
      () => ({ containers: [{ name: 'c', args: [], resources: {} }] }),
      { containers: [{ name: 'c', resources: {} }] },
    ],
  ];
  for (const [title, type, object, compared] of cases) {
    test(title, () => assert.deepEqual(asCompared(decoded(type, object())), compared));
  }
});
