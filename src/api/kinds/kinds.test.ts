/** The list of kinds is complete, and each kind matches the schema of its resource. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeStrategy } from '../kind/complete-strategy.ts';
import { loadSchema } from '../schema/load-schema.ts';
import { kindOf, kinds } from './kinds.ts';

const schema = loadSchema();
const nameOf = ({ group, version, resource }: { group: string; version: string; resource: string }) =>
  `${group}/${version}/${resource}`;

test('the list of kinds – has each resource of the schema once, and no other', () => {
  assert.deepEqual(kinds.map(({ type }) => nameOf(type)).sort(), schema.resources.map(nameOf).sort());
});

for (const def of schema.resources) {
  const kind = kindOf(def);
  const subresources = new Set(def.subresources.map(({ name }) => name));

  test(`${nameOf(def)} – defines its scale and its other subresources, and no other`, () => {
    assert.equal(kind.scale !== undefined, subresources.has('scale'));
    for (const name of Object.keys(kind.subresources ?? {})) assert.ok(subresources.has(name), name);
    if (!subresources.has('status')) assert.deepEqual(kind.keptByStatus ?? [], []);
  });

  test(`${nameOf(def)} – is stored as itself, or as a version that is`, () => {
    const { storedAs = kind.type } = kind.conversion ?? {};
    assert.equal(kindOf(storedAs).conversion, undefined);
    assert.ok(completeStrategy(kind, { def, schema }).validate);
  });
}
