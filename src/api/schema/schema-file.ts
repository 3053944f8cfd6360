/** The rows of `schema.gen.json`: compact, read by `load-schema.ts`, written by `tools/build-schema.ts`. */

export type SubresourceRow = [name: string, group: string, version: string, kind: string, verbs: string[]];

export type ResourceRow = [
  group: string,
  version: string,
  resource: string,
  singular: string,
  kind: string,
  namespaced: boolean,
  shortNames: string[],
  categories: string[],
  verbs: string[],
  type: string,
  subresources: SubresourceRow[],
];

export interface FieldExtras {
  required?: boolean;
  listType?: 'atomic' | 'set' | 'map';
  listMapKeys?: string[];
  mapType?: 'atomic' | 'granular';
  patchStrategy?: string;
  patchMergeKey?: string;
  enum?: string[];
  default?: unknown;
  dropsZero?: boolean;
  nullsZero?: boolean;
  byValue?: boolean;
  writesZero?: boolean;
  goType?: string;
  within?: number[];
  inlined?: string;
}

/**
 * Type: a scalar's name, `#` and a type's name, `[]` or `{}` before an element's type. Protobuf number 0:
 * none.
 */
export type FieldRow = [type: string, protobuf: number, extras?: FieldExtras];

export type TypeRow = [fields: Record<string, FieldRow>, mapType?: 'atomic' | 'granular'];

/** Type names without their common `io.k8s.`. */
export interface SchemaFile {
  resources: ResourceRow[];
  types: Record<string, TypeRow>;
}
