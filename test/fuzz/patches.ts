/** Patches of each kind, for an object that may be of another type than they think. */

import type { ResourceDef } from '#api/schema/schema.ts';
import { type Body, change, type Fields, isFields, spoilt, typed, versionOf } from './bodies.ts';
import type { Chance } from './chance.ts';
import { oddKey, oddValue, ownObject, withRawTexts } from './values.ts';

export function patchOf(chance: Chance, held: Fields, def: ResourceDef): Body {
  const [type, value] = chance.pick(ways)(chance, held, def);
  const json = withRawTexts(chance, JSON.stringify(value) ?? 'null');
  const media = chance.happens(0.03) ? chance.pick(mediaTypes) : type;
  return { type: media, bytes: spoilt(chance, Buffer.from(json), 0.05) };
}

type Way = (chance: Chance, held: Fields, def: ResourceDef) => readonly [type: string, value: unknown];

const json = 'application/json-patch+json';
const merge = 'application/merge-patch+json';
const strategic = 'application/strategic-merge-patch+json';
const apply = 'application/apply-patch+yaml';
const mediaTypes = [json, merge, strategic, apply, 'application/json', 'application/apply-patch+cbor', ''];

const ways: readonly Way[] = [
  (chance, held) => [json, operations(chance, held)],
  (chance, held, def) => [merge, partOf(chance, held, def)],
  (chance, held, def) => [strategic, withDirectives(chance, partOf(chance, held, def))],
  (chance, held, def) => [apply, applied(chance, held, def)],
  (chance) => [chance.pick([json, merge, strategic, apply]), oddValue(chance)],
];

/** A few of the object's fields, changed by its type. */
function partOf(chance: Chance, held: Fields, def: ResourceDef): Fields {
  const part = structuredClone(held);
  delete part['status'];
  const metadata = part['metadata'];
  if (isFields(metadata) && !chance.happens(0.1)) {
    for (const field of ['resourceVersion', 'uid', 'managedFields', 'creationTimestamp']) {
      delete metadata[field];
    }
  }
  for (let i = 0; i <= chance.below(3); i++) change(chance, part, { kind: 'object', name: def.type }, 0);
  if (chance.happens(0.3)) part['status'] = typed(chance, { kind: 'any' }, 2);
  return part;
}

function applied(chance: Chance, held: Fields, def: ResourceDef): Fields {
  const part = partOf(chance, held, def);
  if (chance.happens(0.95)) Object.assign(part, { apiVersion: versionOf(def), kind: def.kind });
  return part;
}

const directives: readonly (readonly [string, readonly unknown[]])[] = [
  ['$patch', ['replace', 'delete', 'merge', 'x', 1, null]],
  ['$retainKeys', [['name'], [], 'x', [1], null]],
  ['$deleteFromPrimitiveList/finalizers', [['a'], 'x', [1, null]]],
  ['$setElementOrder/containers', [[{ name: 'c' }], [{}], ['c'], null]],
  ['$setElementOrder/ports', [[{ containerPort: 1 }], [1], {}]],
];

function withDirectives(chance: Chance, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => withDirectives(chance, item));
  if (!isFields(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, withDirectives(chance, item)] as const);
  if (!chance.happens(0.08)) return ownObject(entries);
  const [name, values] = chance.pick(directives);
  return ownObject([...entries, [name, chance.pick(values)]]);
}

export function operations(chance: Chance, held: Fields): unknown[] {
  const count = chance.happens(0.01) ? 10_001 : chance.below(5);
  return Array.from({ length: count }, () => ({
    ...(chance.happens(0.97)
      ? { op: chance.pick(['add', 'remove', 'replace', 'move', 'copy', 'test', 'x', 5]) }
      : {}),
    ...(chance.happens(0.97) ? { path: pathIn(chance, held) } : {}),
    ...(chance.happens(0.5) ? { from: pathIn(chance, held) } : {}),
    ...(chance.happens(0.8) ? { value: oddValue(chance) } : {}),
  }));
}

/** A JSON pointer into `held`, mostly. */
function pathIn(chance: Chance, held: unknown): unknown {
  if (chance.happens(0.05)) return oddValue(chance);
  let path = '';
  let at = held;
  while (chance.happens(0.8)) {
    const keys = typeof at === 'object' && at !== null ? Object.keys(at) : [];
    if (Array.isArray(at)) keys.push('-', '-1', '01', '99999999999');
    const key = keys.length > 0 && chance.happens(0.9) ? chance.pick(keys) : oddKey(chance);
    path += `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    at = (at as Fields | undefined)?.[key];
    if (at === undefined) break;
  }
  return path;
}
