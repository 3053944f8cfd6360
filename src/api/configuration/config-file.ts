/**
 * Reads a configuration file with `apiVersion` and `kind`, YAML or JSON. Its types are declared by the caller.
 */

import { copyJson } from '#base/copy-json.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { readYaml } from '#wire/yaml/read.ts';
import { decodeInto } from '../schema/decode.ts';
import { dropEmpty } from '../schema/empty-collections.ts';
import type { FieldDef, ScalarKind, Schema, TypeDef, TypeRef } from '../schema/schema.ts';

/** For each type its fields, with types as in the schema: `string`, `[]string`, `{}string`, `#Rule`, `[]#Rule`. */
export type ConfigTypes = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface ConfigFormat {
  readonly group: string;
  readonly versions: readonly string[];
  /** Also the name of its type. */
  readonly kind: string;
  readonly types: ConfigTypes;
}

export interface ConfigFile {
  readonly version: string;
  readonly value: JsonObject;
  /** Unknown and doubled fields, which are errors in strict decoding. */
  readonly problems: readonly string[];
}

/** Throws an Error for an invalid file; the message does not name the file. */
export function readConfigFile(text: string, format: ConfigFormat): ConfigFile {
  const { value, duplicates } = readYaml(text);
  const file = readDocument(value, format);
  return { ...file, problems: [...duplicates, ...file.problems] };
}

function readDocument(document: unknown, format: ConfigFormat): ConfigFile {
  if (!isJsonObject(document)) throw new Error(`it is not a ${format.kind}`);
  const version = versionOf(document, format);
  const { apiVersion: _, kind: __, ...value } = document;
  const unknown = decodeInto(schemaOf(format.types), format.kind, value);
  dropEmpty(value, false);
  return { version, value, problems: unknown.map((path) => `unknown field ${JSON.stringify(path)}`) };
}

/** As `readConfigFile`; a problem is an error. */
export function readStrictConfigFile(text: string, format: ConfigFormat): ConfigFile {
  return withoutProblems(readConfigFile(text, format));
}

/** A document that is part of another document, or has been read from YAML already. */
export function readStrictDocument(document: unknown, format: ConfigFormat): JsonObject {
  return withoutProblems(readDocument(copyJson(document), format)).value;
}

/** A mapping inside a document, of one of the types. Throws an Error for an unknown field or a wrong value. */
export function readStrictPart(value: JsonObject, types: ConfigTypes, type: string): JsonObject {
  const copy = copyJson(value);
  const unknown = decodeInto(schemaOf(types), type, copy);
  dropEmpty(copy, false);
  const problems = unknown.map((path) => `unknown field ${JSON.stringify(path)}`);
  return withoutProblems({ version: '', value: copy, problems }).value;
}

function withoutProblems(file: ConfigFile): ConfigFile {
  if (file.problems.length > 0) throw new Error(`strict decoding error: ${file.problems.join(', ')}`);
  return file;
}

function versionOf(
  { apiVersion, kind }: JsonObject,
  { group, versions, kind: wanted }: ConfigFormat,
): string {
  if (!kind) throw new Error("Object 'Kind' is missing");
  if (!apiVersion) throw new Error("Object 'apiVersion' is missing");
  const version = versions.find((known) => apiVersion === `${group}/${known}`);
  if (version !== undefined && kind === wanted) return version;
  throw new Error(
    `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}: ` +
      `use ${group}/${versions[0]}, ${wanted}`,
  );
}

const schemas = new WeakMap<ConfigTypes, Schema>();

export function schemaOf(types: ConfigTypes): Schema {
  const known = schemas.get(types);
  if (known) return known;
  const byName = new Map(Object.entries(types).map(([name, fields]) => [name, typeOf(name, fields)]));
  const schema: Schema = {
    resources: [],
    resource: () => undefined,
    kind: () => undefined,
    hasType: (name) => byName.has(name),
    type(name) {
      const type = byName.get(name);
      if (!type) throw new Error(`configuration: no type ${name}`);
      return type;
    },
  };
  schemas.set(types, schema);
  return schema;
}

function typeOf(name: string, fields: Readonly<Record<string, string>>): TypeDef {
  const all = new Map<string, FieldDef>();
  for (const [field, code] of Object.entries(fields)) all.set(field, { name: field, type: refOf(code) });
  return { name, fields: all, required: [] };
}

function refOf(code: string): TypeRef {
  if (code.startsWith('[]')) return { kind: 'list', of: refOf(code.slice(2)) };
  if (code.startsWith('{}')) return { kind: 'map', of: refOf(code.slice(2)) };
  if (code.startsWith('#')) return { kind: 'object', name: code.slice(1) };
  return { kind: code as ScalarKind };
}
