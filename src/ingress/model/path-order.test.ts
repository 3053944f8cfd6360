import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PathMatch, PathRoutes, Route } from './model.ts';
import { orderedPaths } from './path-order.ts';

const plain = (backend: string): Route => ({ conditions: [], backend });
const post = (backend: string): Route => ({ conditions: [{ on: 'method', method: 'POST' }], backend });
const path = (kind: PathMatch['kind'], value: string, ...routes: Route[]): PathRoutes => ({
  kind,
  value,
  routes,
});
const shown = (...paths: PathRoutes[]) =>
  orderedPaths({ paths }).map(
    ({ kind, value, routes }) => `${kind} ${value}: ${routes.map(({ backend }) => backend)}`,
  );

test('routes of a host – equal paths of two objects – are one, the first goes before', () => {
  assert.deepEqual(shown(path('prefix', '/a', plain('b1')), path('prefix', '/a/', plain('b2'))), [
    'prefix /a: b1,b2',
  ]);
});

test('routes of a host – a path with conditions only – go on with the next shorter path', () => {
  const found = shown(
    path('prefix', '/a/b', post('b3')),
    path('prefix', '/a', post('b2')),
    path('prefix', '/', plain('b1')),
  );
  assert.deepEqual(found, ['prefix /a/b: b3,b2,b1', 'prefix /a: b2,b1', 'prefix /: b1']);
});

test('routes of a host – a longer name that begins alike – is no part of the path', () => {
  assert.deepEqual(
    shown(path('prefix', '/ab', post('b2')), path('prefix', '/a', plain('b1')))[0],
    'prefix /ab: b2',
  );
});

test('routes of a host – an exact path – goes on with the prefix of the same path', () => {
  assert.deepEqual(
    shown(path('exact', '/a', post('b2')), path('prefix', '/a', plain('b1')))[0],
    'exact /a: b2,b1',
  );
});
