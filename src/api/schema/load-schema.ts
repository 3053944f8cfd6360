/** The schema of every built-in kind, read once for each process; a type is unpacked on first use. */

import file from './schema.gen.json' with { type: 'json' };
import type { FieldDef, ResourceDef, ScalarKind, Schema, TypeDef, TypeRef, WrittenField } from './schema.ts';
import type { FieldExtras, ResourceRow, SchemaFile, TypeRow } from './schema-file.ts';
import { zeroOfField } from './zero-value.ts';

const prefix = 'io.k8s.';

let loaded: Schema | undefined;

export function loadSchema(): Schema {
  loaded ??= unpackSchema(file as unknown as SchemaFile);
  return loaded;
}

function unpackSchema(rows: SchemaFile): Schema {
  const resources = rows.resources.map(unpackResource);
  const byResource = new Map(
    resources.map((resource) => [`${resource.group}/${resource.version}/${resource.resource}`, resource]),
  );
  const byKind = new Map(
    resources.map((resource) => [`${resource.group}/${resource.version}/${resource.kind}`, resource]),
  );
  const types = new Map<string, TypeDef>();
  return {
    resources,
    resource: (group, version, resource) => byResource.get(`${group}/${version}/${resource}`),
    kind: (group, version, kind) => byKind.get(`${group}/${version}/${kind}`),
    hasType: (name) => rows.types[name.slice(prefix.length)] !== undefined,
    type(name) {
      let type = types.get(name);
      if (type === undefined) {
        const row = rows.types[name.slice(prefix.length)];
        if (row === undefined) throw new Error(`schema: no type ${name}`);
        type = unpackType(name, row);
        types.set(name, type);
      }
      return type;
    },
  };
}

function unpackResource(row: ResourceRow): ResourceDef {
  const [group, version, resource, singular, kind, namespaced, shortNames, categories, verbs, type, subs] =
    row;
  const subresources = subs.map(([name, subGroup, subVersion, subKind, subVerbs]) => ({
    name,
    group: subGroup,
    version: subVersion,
    kind: subKind,
    verbs: subVerbs,
  }));
  return {
    group,
    version,
    resource,
    singular,
    kind,
    namespaced,
    shortNames,
    categories,
    verbs,
    subresources,
    type: prefix + type,
  };
}

function unpackType(name: string, [fieldRows, mapType]: TypeRow): TypeDef {
  const fields = new Map<string, FieldDef>();
  const required: string[] = [];
  const alwaysWritten: WrittenField[] = [];
  for (const [field, [code, protobuf, extras]] of Object.entries(fieldRows)) {
    const type = typeRef(code);
    if (extras?.required) required.push(field);
    if (extras) alwaysWritten.push(...writtenField(field, type, extras));
    fields.set(field, unpackField(field, type, protobuf, extras));
  }
  const written = alwaysWritten.length > 0 ? { alwaysWritten } : {};
  return { name, fields, required, ...written, ...(mapType ? { mapType } : {}) };
}

/** Decoding asks every field of every body: all fields have the same properties in the same order, undefined ones too. */
function unpackField(name: string, type: TypeRef, protobuf: number, extras: FieldExtras = {}): FieldDef {
  return {
    name,
    type,
    dropsZero: extras.dropsZero,
    writesZero: extras.writesZero,
    nullsZero: extras.nullsZero,
    byValue: extras.byValue,
    goType: extras.goType,
    required: extras.required,
    listType: extras.listType,
    listMapKeys: extras.listMapKeys,
    mapType: extras.mapType,
    patchStrategy: extras.patchStrategy,
    patchMergeKey: extras.patchMergeKey,
    enum: extras.enum,
    default: extras.default,
    within: extras.within,
    inlined: extras.inlined,
    protobuf: protobuf || undefined,
  };
}

function writtenField(name: string, type: TypeRef, extras: FieldExtras): WrittenField[] {
  if (extras.nullsZero) return [{ name, zero: null }];
  if (extras.byValue && type.kind === 'object') return [{ name, struct: type.name }];
  return extras.writesZero ? [{ name, zero: zeroOfField(type) }] : [];
}

const refs = new Map<string, TypeRef>();

/** Equal codes share one `TypeRef`. */
export function typeRef(code: string): TypeRef {
  let ref = refs.get(code);
  if (ref === undefined) {
    ref = newTypeRef(code);
    refs.set(code, ref);
  }
  return ref;
}

function newTypeRef(code: string): TypeRef {
  if (code.startsWith('[]')) return { kind: 'list', of: typeRef(code.slice(2)) };
  if (code.startsWith('{}')) return { kind: 'map', of: typeRef(code.slice(2)) };
  if (code.startsWith('#')) return { kind: 'object', name: prefix + code.slice(1) };
  return { kind: code as ScalarKind };
}
