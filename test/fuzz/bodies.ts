/** Objects and their bytes: a valid sample with fields of the schema added, changed, removed and spoiled. */

import { ProtobufEncoder } from '#api/protobuf/encode.ts';
import { wrapEnvelope } from '#api/protobuf/envelope.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import type { ResourceDef, TypeRef } from '#api/schema/schema.ts';
import type { Chance } from './chance.ts';
import { samples } from './samples.ts';
import { oddKey, oddNumbers, oddText, oddValue, ownObject, withRawTexts } from './values.ts';

export type Fields = Record<string, unknown>;

const schema = loadSchema();
const encoder = new ProtobufEncoder(schema);

export const versionOf = ({ group, version }: Pick<ResourceDef, 'group' | 'version'>) =>
  group ? `${group}/${version}` : version;

/** Valid in about half of the calls. */
export function objectOf(chance: Chance, def: ResourceDef, name: string): Fields {
  const object: Fields = {
    apiVersion: versionOf(def),
    kind: def.kind,
    metadata: { name, ...(def.namespaced ? { namespace: 'fuzz' } : {}) },
    ...structuredClone(samples[def.kind] ?? {}),
  };
  const changes = chance.weighted([
    [3, 0],
    [3, 1],
    [2, 2],
    [1, 6],
    [0.3, 30],
  ]);
  for (let i = 0; i < changes; i++) change(chance, object, { kind: 'object', name: def.type }, 0);
  return object;
}

/** Changes something at a place that is found by walking down the type at random. */
export function change(chance: Chance, value: Fields, ref: TypeRef, depth: number): void {
  if (ref.kind !== 'object') return;
  const fields = [...schema.type(ref.name).fields.values()].filter(
    ({ name }) => depth > 0 || (name !== 'apiVersion' && name !== 'kind') || chance.happens(0.1),
  );
  if (fields.length === 0) return;
  const present = fields.filter(({ name }) => name in value);
  const isDeeper = present.length > 0 && depth < 9 && chance.happens(0.75);
  const field = chance.pick(isDeeper ? present : fields);
  const held = value[field.name];
  if (isDeeper && descend(chance, held, field.type, depth)) return;
  const act = chance.below(20);
  if (act < 13) value[field.name] = typed(chance, field.type, depth, field.enum);
  else if (act < 15) delete value[field.name];
  else if (act < 18) value[field.name] = oddValue(chance);
  else if (act < 19) Object.assign(value, ownObject([[oddKey(chance), oddValue(chance)]]));
  else if (Array.isArray(held)) value[field.name] = [...held, ...held];
}

function descend(chance: Chance, held: unknown, type: TypeRef, depth: number): boolean {
  if (type.kind === 'object' && isFields(held)) {
    change(chance, held, type, depth + 1);
    return true;
  }
  if (type.kind !== 'list' || !Array.isArray(held) || held.length === 0) return false;
  const item: unknown = chance.pick(held);
  if (!isFields(item)) return false;
  change(chance, item, type.of, depth + 1);
  return true;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Of the right type, mostly. */
export function typed(chance: Chance, ref: TypeRef, depth: number, names?: readonly string[]): unknown {
  if (chance.happens(0.04)) return oddValue(chance);
  if (names && chance.happens(0.8)) return chance.pick(names);
  switch (ref.kind) {
    case 'object':
      return objectOfType(chance, ref.name, depth);
    case 'list':
      return chance.times(depth > 6 ? 1 : 3, () => typed(chance, ref.of, depth + 1));
    case 'map':
      return ownObject(chance.times(3, () => [oddKey(chance), typed(chance, ref.of, depth + 1)]));
    case 'boolean':
      return chance.happens(0.5);
    case 'int32':
    case 'int64':
    case 'double':
      return chance.happens(0.6) ? chance.below(100) : chance.pick(oddNumbers);
    case 'intOrString':
      return chance.happens(0.5) ? chance.pick(oddNumbers) : oddText(chance);
    case 'quantity':
      return chance.pick(['1', '0', '100m', '1Gi', '-1', '1e3', 5, '1.5e-3', '999999999999999999999Ei', '']);
    case 'bytes':
      return chance.pick(['', 'aGk=', 'aGk', '!', 'AAAA']);
    case 'time':
      return chance.pick([
        null,
        '2026-01-01T00:00:00Z',
        '2026-01-01T00:00:00+02:00',
        '0001-01-01T00:00:00Z',
        'x',
      ]);
    case 'microTime':
      return chance.pick([null, '2026-01-01T00:00:00.000001Z', '2026-01-01T00:00:00Z', 'x']);
    case 'any':
      return oddValue(chance);
    default:
      return chance.happens(0.4) ? chance.pick(['a', 'b', 'x', 'c', 'name']) : oddText(chance);
  }
}

function objectOfType(chance: Chance, name: string, depth: number): Fields {
  const type = schema.type(name);
  const share = depth > 7 ? 0 : Math.min(0.5, 3 / type.fields.size);
  const made: Fields = {};
  for (const field of type.fields.values()) {
    const isWanted = type.required.includes(field.name) ? 0.9 : share;
    if (chance.happens(isWanted)) made[field.name] = typed(chance, field.type, depth + 1, field.enum);
  }
  return made;
}

export interface Body {
  readonly type: string;
  readonly bytes: Uint8Array;
}

export const protobufType = 'application/vnd.kubernetes.protobuf';

export function bodyOf(chance: Chance, object: Fields, def: ResourceDef): Body {
  const way = chance.below(20);
  if (way < 2) return protobufBody(chance, object, def);
  const text = withRawTexts(chance, JSON.stringify(object));
  if (way < 4) return { type: 'application/yaml', bytes: Buffer.from(yamlOf(chance, text)) };
  const type = way === 4 ? chance.pick(contentTypes) : 'application/json';
  return { type, bytes: spoilt(chance, Buffer.from(text)) };
}

export const contentTypes: readonly string[] = [
  'application/json; charset=utf-8',
  'application/json;',
  'text/plain',
  '',
  '*/*',
  'application/cbor',
  'application/vnd.kubernetes.protobuf',
  'application/yaml',
  'application/json;stream=watch',
  'APPLICATION/JSON',
  ';;;=,',
  'x'.repeat(5000),
];

function protobufBody(chance: Chance, object: Fields, def: ResourceDef): Body {
  let raw: Uint8Array;
  try {
    raw = encoder.encode(def.type, JSON.parse(JSON.stringify(object), withoutNulls));
  } catch {
    // What the schema has no room for cannot be written by it.
    raw = encoder.encode(def.type, { metadata: { name: 'x' } });
  }
  const bytes = wrapEnvelope({ kind: def.kind, apiVersion: versionOf(def), raw });
  return { type: protobufType, bytes: spoilt(chance, Buffer.from(bytes), 0.4) };
}

/** A time without a value is one that Go writes as null, and does not read again from that. */
function withoutNulls(_key: string, value: unknown): unknown {
  return value === null ? undefined : value;
}

/** JSON is YAML: spoilt by what only YAML has. */
function yamlOf(chance: Chance, json: string): string {
  return chance.weighted<() => string>([
    [8, () => json],
    [1, () => `--- \n${json}\n---\n${json}`],
    [1, () => `a: &a [x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]\n`],
    [1, () => `!!js/function "x"\n`],
    [1, () => `? {a: b}\n: c\n`],
    [1, () => `<<: {a: 1}\n1: 2\nyes: no\n~: x\n`],
    [1, () => json.replace('{', '{a: *x, ')],
    [1, () => json.replaceAll('"', '')],
    [1, () => `${json}\u0000`],
    [1, () => '\t- x'],
  ])();
}

/** A share of them cut, with bytes changed, nested far too deeply, or empty. */
export function spoilt(chance: Chance, bytes: Buffer, share = 0.08): Uint8Array {
  if (!chance.happens(share)) return bytes;
  const copy = Buffer.from(bytes);
  switch (chance.below(6)) {
    case 0:
      return copy.subarray(0, chance.below(copy.length));
    case 1:
      return Buffer.alloc(0);
    case 2: {
      const levels = chance.pick([100, 1000, 10_001, 100_000]);
      return Buffer.from(`${chance.pick(['[', '{"a":', '{"metadata":{"labels":[']).repeat(levels)}`);
    }
    case 3:
      return Buffer.concat([copy, copy]);
    default:
      for (let i = 0; i <= chance.below(4); i++) copy[chance.below(copy.length)] = chance.below(256);
      return copy;
  }
}
