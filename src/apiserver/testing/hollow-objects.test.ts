/**
 * Objects whose structs and lists are there down to some depth, and hold nothing there but what Go always writes, zeros
 * and nulls, are taken or refused by every kind.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeStrategy } from '#api/kind/complete-strategy.ts';
import { kindOf } from '#api/kinds/kinds.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { decodeInto } from '#api/schema/decode.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import type { TypeRef } from '#api/schema/schema.ts';

const schema = loadSchema();
const now = '2026-01-01T00:00:00Z';

const depthMax = 9;

/** Structs within structs of the same type end there, as all do at the depth. */
function hollow(ref: TypeRef, depth: number, within: readonly string[] = []): unknown {
  switch (ref.kind) {
    case 'object': {
      if (depth === 0 || within.includes(ref.name)) return {};
      const fields = [...schema.type(ref.name).fields.values()].filter(({ name }) => name !== 'metadata');
      const values = fields.map(({ name, type }) => [name, hollow(type, depth - 1, [...within, ref.name])]);
      return Object.fromEntries(values.filter(([, value]) => value !== undefined));
    }
    case 'list':
      return depth === 0 ? undefined : [hollow(ref.of, depth, within) ?? null];
    case 'map':
      return depth === 0 ? undefined : { '': hollow(ref.of, depth, within) ?? null };
    default:
      return undefined;
  }
}

for (const def of schema.resources) {
  const strategy = completeStrategy(kindOf(def), { def, schema });
  const hollowObject = (depth: number) => {
    const value = hollow({ kind: 'object', name: def.type }, depth) as object;
    const object: KubeObject = { metadata: { name: 'a' }, ...value };
    decodeInto(schema, def.type, object);
    strategy.setDefaults?.(object);
    return object;
  };

  test(`${def.group}/${def.version} ${def.kind} – hollow, at any depth – is validated without a throw`, () => {
    for (let depth = 0; depth <= depthMax; depth++) {
      const object = hollowObject(depth);
      const old = structuredClone(object);
      assert.ok(Array.isArray(strategy.validate?.(object)));
      strategy.warnings?.(object);
      strategy.prepareForUpdate?.(object, old, now);
      assert.ok(Array.isArray(strategy.validateUpdate?.(object, old) ?? []));
      strategy.prepareForCreate?.(object, now, { name: 'a', groups: [] });
    }
  });
}
