/** What field management needs of a kind: its types, and which fields the manager of a write comes to own. */

import { type EmptyObject, emptyObject } from '#api/fields/empty-object.ts';
import type { FieldSchema } from '#api/fields/field-schema.ts';
import { type FieldSet, recursiveDifference, setOf } from '#api/fields/field-set.ts';
import { keepMatching } from '#api/fields/matching.ts';
import { fieldSchemaOf } from '#api/fields/of-compact-schema.ts';
import { fieldElement } from '#api/fields/path-element.ts';
import type { Strategy } from '#api/kind/strategy.ts';
import type { DescribedResource, Schema } from '#api/schema/schema.ts';

export interface OwnedKind {
  /** In the form of messages: `apps/v1, Kind=Deployment`. */
  readonly name: string;
  readonly apiVersion: string;
  readonly schema: FieldSchema;
  /** An object before any field is set. */
  readonly empty: EmptyObject;
  /** The fields of `set` that the manager of a write to `subresource` may own. */
  filter(subresource: string, set: FieldSet): FieldSet;
}

type Filter = (set: FieldSet) => FieldSet;

/** `schema` is set for a kind whose types the compact schema does not know. */
export function ownedKindOf(
  described: DescribedResource,
  apiVersion: string,
  strategy: Strategy,
  own?: FieldSchema,
): OwnedKind {
  const { def, schema } = described;
  const filters = new Map<string, Filter>();
  let empty: EmptyObject | undefined;
  let fields = own;
  return {
    name: kindName(def),
    apiVersion,
    get schema() {
      fields ??= fieldSchemaOf(schema, def.type);
      return fields;
    },
    get empty() {
      empty ??= own ? { metadata: {} } : emptyObject(schema, def.type);
      return empty;
    },
    filter(subresource, set) {
      let filter = filters.get(subresource);
      if (!filter) {
        filter = filterOf(described, strategy, subresource);
        filters.set(subresource, filter);
      }
      return filter(set);
    },
  };
}

/** Of a kind that is only shown, such as a Scale. */
export function shownKind(
  schema: Schema,
  type: string,
  { group, version, kind }: { group: string; version: string; kind: string },
): OwnedKind {
  return {
    name: kindName({ group, version, kind }),
    apiVersion: `${group}/${version}`,
    schema: fieldSchemaOf(schema, type),
    empty: emptyObject(schema, type),
    filter: (_, set) => set,
  };
}

function kindName({ group, version, kind }: { group: string; version: string; kind: string }): string {
  return `${group}/${version}, Kind=${kind}`;
}

function filterOf({ def, schema }: DescribedResource, strategy: Strategy, subresource: string): Filter {
  const only = strategy.ownsOnly?.[subresource]?.map(namesOf);
  if (only) return (set) => keepMatching(set, only);
  const hasStatus =
    def.subresources.some(({ name }) => name === 'status') && schema.type(def.type).fields.has('status');
  const usual: Readonly<Record<string, readonly string[]>> = {
    '': hasStatus ? ['status'] : [],
    status: ['spec', ...keptByStatus(strategy)],
  };
  const reset = strategy.resetFields?.[subresource] ?? usual[subresource] ?? [];
  if (reset.length === 0) return (set) => set;
  const excluded = setOf(...reset.map((path) => namesOf(path).map(fieldElement)));
  return (set) => recursiveDifference(set, excluded);
}

const allMetadata = 4;

function keptByStatus({ keptByStatus = [] }: Strategy): string[] {
  return keptByStatus.length === allMetadata ? ['metadata'] : keptByStatus.map((name) => `metadata.${name}`);
}

function namesOf(path: string): string[] {
  return path.split('.');
}
