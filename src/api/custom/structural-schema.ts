/**
 * A structural schema: the tree of fields that an OpenAPI schema of a CustomResourceDefinition describes,
 * without its value validation. Pruning, defaulting and lists by key walk along it.
 */

import type { JSONSchemaProps } from '../generated/types.gen.ts';

export interface StructuralSchema {
  /** `''`: any type. */
  readonly type: string;
  readonly isNullable: boolean;
  /** Undefined without a default. Shared: copy it before it is put into an object. */
  readonly default: unknown;
  readonly properties: ReadonlyMap<string, StructuralSchema>;
  /** The properties with a default. */
  readonly defaulted: readonly (readonly [name: string, property: StructuralSchema])[];
  /** Schema of fields that are no properties; `any`: they are allowed, without a schema. */
  readonly additional: StructuralSchema | 'any' | undefined;
  readonly items: StructuralSchema | undefined;
  readonly preservesUnknown: boolean;
  /** Has apiVersion, kind and metadata. */
  readonly isEmbeddedResource: boolean;
  readonly isIntOrString: boolean;
  readonly listType: string | undefined;
  readonly listMapKeys: readonly string[];
  readonly mapType: string | undefined;
  /** What the schema or a schema below it has: walks skip parts without it. */
  readonly below: SchemaFacts;
  readonly source: JSONSchemaProps;
}

export interface SchemaFacts {
  readonly hasDefaults: boolean;
  readonly hasEmbeddedResources: boolean;
  readonly hasUniqueLists: boolean;
}

export function structuralSchema(source: JSONSchemaProps): StructuralSchema {
  const properties = propertiesOf(source);
  const additional = additionalOf(source);
  const items = isSchema(source.items) ? structuralSchema(source.items) : undefined;
  const children = [...properties.values(), ...(isTree(additional) ? [additional] : [])];
  if (items) children.push(items);
  return {
    type: source.type ?? '',
    isNullable: source.nullable === true,
    default: source.default ?? undefined,
    properties,
    defaulted: defaultedOf(properties),
    additional,
    items,
    preservesUnknown: source['x-kubernetes-preserve-unknown-fields'] === true,
    isEmbeddedResource: source['x-kubernetes-embedded-resource'] === true,
    isIntOrString: source['x-kubernetes-int-or-string'] === true,
    listType: source['x-kubernetes-list-type'],
    listMapKeys: source['x-kubernetes-list-map-keys'] ?? [],
    mapType: source['x-kubernetes-map-type'],
    below: factsOf(source, children),
    source,
  };
}

type Properties = StructuralSchema['properties'];

const noProperties: Properties = new Map();
const noneDefaulted: StructuralSchema['defaulted'] = [];

/** Most schemas are of texts and numbers. */
function propertiesOf({ properties }: JSONSchemaProps): Properties {
  if (!properties) return noProperties;
  const found = new Map<string, StructuralSchema>();
  for (const name in properties) found.set(name, structuralSchema(properties[name]!));
  return found;
}

function defaultedOf(properties: Properties): StructuralSchema['defaulted'] {
  if (properties.size === 0) return noneDefaulted;
  return [...properties].filter(([, property]) => property.default !== undefined);
}

/** What `items` and `additionalProperties` may be besides a schema: a list of schemas, true or false. */
export function isSchema(value: unknown): value is JSONSchemaProps {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isTree(additional: StructuralSchema['additional']): additional is StructuralSchema {
  return typeof additional === 'object';
}

function additionalOf({ additionalProperties: given }: JSONSchemaProps): StructuralSchema['additional'] {
  if (given === undefined || given === null) return undefined;
  // `false` too: upstream only checks whether additionalProperties is set.
  return isSchema(given) ? structuralSchema(given) : 'any';
}

const uniqueListTypes: readonly unknown[] = ['set', 'map'];

function factsOf(source: JSONSchemaProps, children: readonly StructuralSchema[]): SchemaFacts {
  const facts = {
    hasDefaults: (source.default ?? undefined) !== undefined,
    hasEmbeddedResources: source['x-kubernetes-embedded-resource'] === true,
    hasUniqueLists: uniqueListTypes.includes(source['x-kubernetes-list-type']),
  };
  for (const { below } of children) {
    facts.hasDefaults ||= below.hasDefaults;
    facts.hasEmbeddedResources ||= below.hasEmbeddedResources;
    facts.hasUniqueLists ||= below.hasUniqueLists;
  }
  return facts;
}
