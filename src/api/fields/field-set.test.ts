/** Field sets: union, difference, intersection, and the order in which a set is written. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  difference,
  equals,
  type FieldSet,
  forEachPath,
  graft,
  has,
  inOrder,
  intersection,
  leaf,
  type OpenSet,
  recursiveDifference,
  setOf,
  union,
} from './field-set.ts';
import { pathText } from './path-element.ts';
import { readFields } from './read-fields.ts';

const a = setOf(['f:a'], ['f:a', 'f:b'], ['f:c', 'f:d']);
const plain = (set: FieldSet): unknown => JSON.parse(JSON.stringify(set));

test('a set – of paths – has the form of FieldsV1', () => {
  assert.deepEqual(plain(a), { 'f:a': { '.': {}, 'f:b': {} }, 'f:c': { 'f:d': {} } });
  assert.deepEqual(
    [has(a, ['f:a']), has(a, ['f:c']), has(a, ['f:c', 'f:d']), has(a, [])],
    [true, false, true, false],
  );
});

test('a union – of a field and what is below it – has both', () => {
  assert.deepEqual(plain(union(setOf(['f:a']), setOf(['f:a', 'f:b']))), { 'f:a': { '.': {}, 'f:b': {} } });
  assert.deepEqual(plain(union(setOf(['f:a', 'f:b']), setOf(['f:a']))), { 'f:a': { '.': {}, 'f:b': {} } });
});

test('a difference – by a parent – keeps its children, a recursive one does not', () => {
  assert.deepEqual(plain(difference(a, setOf(['f:a']))), { 'f:a': { 'f:b': {} }, 'f:c': { 'f:d': {} } });
  assert.deepEqual(plain(difference(a, setOf(['f:a', 'f:b'], ['f:c', 'f:d']))), { 'f:a': {} });
  assert.deepEqual(plain(recursiveDifference(a, setOf(['f:a']))), { 'f:c': { 'f:d': {} } });
  assert.equal(difference(a, setOf(['f:x'])), a);
});

test('an intersection – of sets – has what is in both', () => {
  assert.deepEqual(plain(intersection(a, setOf(['f:a', 'f:b'], ['f:c']))), { 'f:a': { 'f:b': {} } });
  assert.ok(equals(intersection(a, a), a));
});

test('a set – in order – has fields by name, keys by their values, and paths of a level before longer ones', () => {
  const set = setOf(
    ['f:z'],
    ['f:ports', 'k:{"containerPort":8080,"protocol":"TCP"}'],
    ['f:ports', 'k:{"containerPort":443,"protocol":"TCP"}'],
    ['f:finalizers', 'v:"b"'],
    ['f:finalizers', 'v:"a"'],
    ['f:ports'],
  );
  const paths: string[] = [];
  forEachPath(inOrder(set), (path) => paths.push(pathText(path)));
  assert.deepEqual(paths, [
    '.ports',
    '.z',
    '.finalizers[="a"]',
    '.finalizers[="b"]',
    '.ports[containerPort=443,protocol="TCP"]',
    '.ports[containerPort=8080,protocol="TCP"]',
  ]);
});

test('a set – of integers that no double holds – keeps their digits, in its form, its order and its paths', () => {
  const [smaller, larger] = ['v:9007199254740992', 'v:9007199254740993'];
  const set = readFields({ 'f:ids': { [larger]: {}, [smaller]: {}, 'k:{"id":9007199254740993}': {} } });
  const paths: string[] = [];
  forEachPath(inOrder(set), (path) => paths.push(pathText(path)));
  assert.deepEqual(paths, [
    '.ids[id=9007199254740993]',
    '.ids[=9007199254740992]',
    '.ids[=9007199254740993]',
  ]);
});

test('a set – of a map with two hundred thousand fields – is made in a time that grows with their number', {
  timeout: 60_000,
}, () => {
  const count = 200_000;
  const set: OpenSet = {};
  for (let i = 0; i < count; i++) graft(set, ['f:data', `f:key-${i}`], leaf);
  assert.equal(Object.keys(set['f:data']!).length, count);
});

describe('sets with very many elements – against small ones', () => {
  const elements = Array.from({ length: 200 }, (_, i) => `f:k${String(i).padStart(3, '0')}`);
  const large = inOrder(setOf(...elements.map((element) => ['f:data', element])));
  const small = setOf(['f:data', 'f:k007'], ['f:data', 'f:other'], ['f:spec']);

  test('a difference – of large sets – has no member of both', () => {
    assert.deepEqual(difference(small, large), { 'f:data': { 'f:other': {} }, 'f:spec': {} });
  });

  test('an intersection – of large sets – has only the members of both', () => {
    assert.deepEqual(intersection(small, large), { 'f:data': { 'f:k007': {} } });
  });

  test('a difference – of a set with the map itself as a member – keeps the map', () => {
    assert.deepEqual(difference(setOf(['f:data'], ['f:data', 'f:k001']), large), { 'f:data': {} });
  });
});
