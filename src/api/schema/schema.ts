/** Kubernetes as data: the structure of the schema that every kind is read from. */

export type ScalarKind =
  | 'string'
  | 'int32'
  | 'int64'
  | 'double'
  | 'boolean'
  | 'bytes'
  | 'time'
  | 'microTime'
  /** As Go writes it: `15.2s`. */
  | 'duration'
  | 'quantity'
  | 'intOrString'
  /** Any JSON value: RawExtension, JSON, FieldsV1. */
  | 'any';

export type TypeRef =
  | { readonly kind: ScalarKind }
  /** A named type of the schema: `io.k8s.api.core.v1.PodSpec`. */
  | { readonly kind: 'object'; readonly name: string }
  | { readonly kind: 'list'; readonly of: TypeRef }
  | { readonly kind: 'map'; readonly of: TypeRef };

export interface FieldDef {
  readonly name: string;
  readonly type: TypeRef;
  readonly required?: boolean;
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly listMapKeys?: readonly string[];
  readonly mapType?: 'atomic' | 'granular';
  readonly patchStrategy?: string;
  readonly patchMergeKey?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  /** Protobuf field number. */
  readonly protobuf?: number;
  /** Numbers of the enclosing messages, outermost first, where Go inlines a struct. */
  readonly within?: readonly number[];
  /** Go's name of that struct: `VolumeSource`. */
  readonly inlined?: string;
  /** A zero value (`""`, 0, false) is omitted, as it equals absence. */
  readonly dropsZero?: boolean;
  /** A time or a pointer that is always written: null when it is zero or absent. */
  readonly nullsZero?: boolean;
  /** A struct that Go has no pointer to: every object has it, if empty. */
  readonly byValue?: boolean;
  /** Go writes it whatever it is: a scalar as its zero value, a list or map as null. */
  readonly writesZero?: boolean;
  /** Go's name of a string type, `v1.RestartPolicy`, or of a list or map of such: `[]v1.Capability`. */
  readonly goType?: string;
}

/** A field that Go writes also when it is not set. */
export interface WrittenField {
  readonly name: string;
  /** Its value then, where it is no struct. */
  readonly zero?: unknown;
  /** The type of a struct, whose own fields are filled in likewise. */
  readonly struct?: string;
}

export interface TypeDef {
  readonly name: string;
  readonly fields: ReadonlyMap<string, FieldDef>;
  readonly required: readonly string[];
  /** The fields with `nullsZero`, `byValue` or `writesZero`, for types that have some. */
  readonly alwaysWritten?: readonly WrittenField[];
  readonly mapType?: 'atomic' | 'granular';
  /** Its schema in OpenAPI documents, where that does not follow from the fields. */
  readonly published?: (version: OpenApiVersion) => Record<string, unknown>;
}

export type OpenApiVersion = 2 | 3;

/** The group is `''` for the core group. */
export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Group, version and kind are those of its body. */
export interface SubresourceDef extends GroupVersionKind {
  /** `status`, `scale`. */
  readonly name: string;
  readonly verbs: readonly string[];
}

export interface ResourceDef extends GroupVersionKind {
  /** The plural, as in the URL. */
  readonly resource: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  readonly subresources: readonly SubresourceDef[];
  /** Name of its TypeDef. */
  readonly type: string;
}

export interface Schema {
  /** Served resources in discovery order: the stable groups and versions. */
  readonly resources: readonly ResourceDef[];
  resource(group: string, version: string, resource: string): ResourceDef | undefined;
  /** By kind, for decoding a body. */
  kind(group: string, version: string, kind: string): ResourceDef | undefined;
  hasType(name: string): boolean;
  /** Throws for an unknown name, which is a bug of the caller. */
  type(name: string): TypeDef;
}

/** A resource with the schema that knows its types. */
export interface DescribedResource {
  readonly def: ResourceDef;
  readonly schema: Schema;
}
