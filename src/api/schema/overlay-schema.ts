/** A schema that adds resources and types to another schema without changing it. */

import type { ResourceDef, Schema, TypeDef } from './schema.ts';

export interface SchemaAddition {
  readonly resources: readonly ResourceDef[];
  /** The list type of a resource's type is added where it is not among them. */
  readonly types: readonly TypeDef[];
}

/** Additions hide what `base` has under the same name. */
export function overlaySchema(base: Schema, { resources, types }: SchemaAddition): Schema {
  const byName = new Map([...resources.map(listTypeOf), ...types].map((type) => [type.name, type]));
  return {
    resources: [...base.resources, ...resources],
    resource: (group, version, resource) =>
      resources.find((def) => isOf(def, group, version) && def.resource === resource) ??
      base.resource(group, version, resource),
    kind: (group, version, kind) =>
      resources.find((def) => isOf(def, group, version) && def.kind === kind) ??
      base.kind(group, version, kind),
    hasType: (name) => byName.has(name) || base.hasType(name),
    type: (name) => byName.get(name) ?? base.type(name),
  };
}

function isOf(def: ResourceDef, group: string, version: string): boolean {
  return def.group === group && def.version === version;
}

export function listTypeOf({ type }: ResourceDef): TypeDef {
  const string = { kind: 'string' } as const;
  const fields = [
    { name: 'apiVersion', type: string },
    { name: 'items', type: { kind: 'list', of: { kind: 'object', name: type } }, required: true },
    { name: 'kind', type: string },
    { name: 'metadata', type: { kind: 'object', name: listMetaType } },
  ] as const;
  return {
    name: `${type}List`,
    fields: new Map(fields.map((field) => [field.name, field])),
    required: ['items'],
  };
}

const listMetaType = 'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta';
