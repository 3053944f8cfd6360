import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultPullPolicy, imageTag } from './image-name.ts';
import { isLinkLocalUnicast, isLoopback, parseCidr, parseIp } from './ip.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from './meta-validation.ts';
import type { ObjectMeta } from './object.ts';
import * as rules from './validators.ts';

test('image tags decide the pull policy', () => {
  const tags: [string, string][] = [
    ['nginx', 'latest'],
    ['nginx:1.27', '1.27'],
    ['registry:5000/nginx', 'latest'],
    ['registry:5000/a/b:v2', 'v2'],
    ['nginx@sha256:abc', ''],
    ['nginx:1@sha256:abc', '1'],
  ];
  for (const [image, tag] of tags) assert.equal(imageTag(image), tag, image);
  assert.equal(defaultPullPolicy('nginx:latest'), 'Always');
  assert.equal(defaultPullPolicy('nginx@sha256:abc'), 'IfNotPresent');
});

test('addresses', () => {
  assert.deepEqual(parseIp('10.0.0.1')?.bytes, [10, 0, 0, 1]);
  assert.equal(parseIp('2001:db8::1')?.bytes.length, 16);
  assert.equal(parseIp('::ffff:1.2.3.4')?.bytes[12], 1);
  for (const wrong of [
    '',
    '1.2.3',
    '1.2.3.256',
    ':::',
    '1::2::3',
    'g::',
    '1:2:3:4:5:6:7:8:9',
    'fe80::1%eth0',
  ]) {
    assert.equal(parseIp(wrong), undefined, wrong);
  }
  assert.equal(parseCidr('10.0.0.0/33'), undefined);
  assert.equal(parseCidr('fd00::/64')?.prefixBits, 64);
  assert.ok(isLoopback(parseIp('::1')!));
  assert.ok(isLinkLocalUnicast(parseIp('fe80::1')!));
});

test('names and labels', () => {
  const right: [(value: string) => string[], string[]][] = [
    [rules.dns1123Label, ['a', 'a-1']],
    [rules.dns1123Subdomain, ['a.b-c.d']],
    [rules.dns1035Label, ['a1']],
    [rules.qualifiedName, ['a', 'A_b.c', 'example.com/Name']],
    [rules.labelValue, ['', 'a.b_C-d']],
    [rules.portName, ['http', 'a-1']],
    [rules.envVarName, ['A', 'a b', 'x.y-z']],
    [rules.configMapKey, ['.bashrc', 'a_b-c']],
    [rules.percent, ['0%', '250%']],
  ];
  for (const [rule, values] of right) for (const value of values) assert.deepEqual(rule(value), [], value);
  const wrong: [(value: string) => string[], string[]][] = [
    [rules.dns1123Label, ['', 'A', '-a', 'a.b', 'a'.repeat(64)]],
    [rules.dns1035Label, ['1a']],
    [rules.qualifiedName, ['', '/a', 'a/', 'a/b/c', '-a']],
    [rules.labelValue, ['a b', '-']],
    [rules.portName, ['80', 'a--b', 'abcdefghijklmnop']],
    [rules.envVarName, ['', 'a=b', 'ä']],
    [rules.configMapKey, ['..', '..a', 'a/b']],
    [rules.percent, ['5', '-1%']],
  ];
  for (const [rule, values] of wrong) for (const value of values) assert.notDeepEqual(rule(value), [], value);
  assert.deepEqual(rules.qualifiedName('/a'), ['prefix part must be non-empty']);
  assert.match(rules.qualifiedName('a/b/c')[0]!, /^a valid label key must consist of /);
  assert.deepEqual(rules.dns1123Label('a'.repeat(64)), ['must be no more than 63 bytes']);
});

const metaRules = { namespaced: true, name: rules.dns1123Subdomain };
const meta: ObjectMeta = { name: 'a', namespace: 'b' };

test('metadata of a new object', () => {
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
    const errors = validateObjectMeta({ ...meta, ...change }, metaRules);
    assert.deepEqual(
      errors.map((error) => error.field),
      fields,
    );
  }
});

test('metadata of a changed object', () => {
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
