/** Reads a value of unknown shape as a CDI specification: every field is known and of its type, else it is an error. */

import { isJsonObject } from '#wire/json/value.ts';
import type { CdiSpec } from './spec.ts';

type Check = (value: unknown, path: string) => void;

const text: Check = (value, path) => expect(typeof value === 'string', path, 'a string');
const integer: Check = (value, path) => expect(Number.isInteger(value), path, 'an integer');
const flag: Check = (value, path) => expect(typeof value === 'boolean', path, 'true or false');
const texts = listOf(text);
const annotations: Check = (value, path) => {
  for (const [key, item] of Object.entries(mapOf(value, path))) text(item, `${path}.${key}`);
};

const edits = recordOf({
  env: texts,
  deviceNodes: listOf(
    recordOf({
      path: text,
      hostPath: text,
      type: text,
      major: integer,
      minor: integer,
      fileMode: integer,
      permissions: text,
      uid: integer,
      gid: integer,
    }),
  ),
  mounts: listOf(recordOf({ hostPath: text, containerPath: text, options: texts, type: text })),
  hooks: listOf(recordOf({ hookName: text, path: text, args: texts, env: texts, timeout: integer })),
  intelRdt: recordOf({
    closID: text,
    l3CacheSchema: text,
    memBwSchema: text,
    enableCMT: flag,
    enableMBM: flag,
  }),
  additionalGids: listOf(integer),
});

const spec = recordOf({
  cdiVersion: text,
  kind: text,
  annotations,
  devices: listOf(recordOf({ name: text, annotations, containerEdits: edits })),
  containerEdits: edits,
});

/** Fields that are absent or null have the value of Go: empty. Throws with the path of the first that is wrong. */
export function specFrom(value: unknown): CdiSpec {
  spec(value, '');
  const { cdiVersion = '', kind = '', devices, ...others } = withoutNulls(value) as Partial<CdiSpec>;
  const named = (devices ?? []).map((device) => ({ ...device, name: device.name ?? '' }));
  return { ...others, cdiVersion, kind, devices: named };
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isJsonObject(value)) return value;
  const present = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(present.map(([key, field]) => [key, withoutNulls(field)]));
}

function recordOf(fields: Readonly<Record<string, Check>>): Check {
  return (value, path) => {
    for (const [key, field] of Object.entries(mapOf(value, path))) {
      const at = path === '' ? key : `${path}.${key}`;
      const check = Object.hasOwn(fields, key) ? fields[key] : undefined;
      if (!check) throw new Error(`unknown field "${at}"`);
      if (field !== null) check(field, at);
    }
  };
}

function listOf(item: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value)) throw new Error(`${path}: must be a list`);
    for (const [index, each] of value.entries()) item(each, `${path}[${index}]`);
  };
}

function mapOf(value: unknown, path: string): Record<string, unknown> {
  if (!isJsonObject(value)) throw new Error(`${path === '' ? 'the document' : path}: must be an object`);
  return value;
}

function expect(holds: boolean, path: string, what: string): void {
  if (!holds) throw new Error(`${path}: must be ${what}`);
}
