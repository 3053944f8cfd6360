/** The CEL rules of a schema, as a tree along its fields. Parts without rules are left out. */

import { declareType } from '../../cel/schema/declare-type.ts';
import { escapeFieldName } from '../../cel/schema/escape.ts';
import type { CelType } from '../../cel/types/type.ts';
import type { JSONSchemaProps, ValidationRule } from '../../generated/types.gen.ts';
import { isSchema, isTree, type StructuralSchema } from '../structural-schema.ts';
import { celSchemaOf } from './cel-schema.ts';

export interface RuleTree {
  readonly schema: StructuralSchema;
  readonly type: CelType;
  readonly rules: readonly ValidationRule[];
  readonly items: RuleTree | undefined;
  readonly additional: RuleTree | undefined;
  readonly properties: ReadonlyMap<string, RuleTree>;
  /** Rules in `allOf`, about the same values. */
  readonly within: readonly RuleTree[];
}

/** Undefined for a schema without rules. */
export function ruleTreeOf(schema: StructuralSchema, isResourceRoot: boolean): RuleTree | undefined {
  if (!hasRules(schema.source)) return undefined;
  const type = declareType(celSchemaOf(schema), isResourceRoot);
  return type && treeOf(schema, schema.source, type);
}

export function hasRules(schema: JSONSchemaProps): boolean {
  const { items, additionalProperties, properties, allOf } = schema;
  if (schema['x-kubernetes-validations']?.length) return true;
  for (const name in properties) if (hasRules(properties[name]!)) return true;
  return (
    (isSchema(items) && hasRules(items)) ||
    (isSchema(additionalProperties) && hasRules(additionalProperties)) ||
    (allOf?.some(hasRules) ?? false)
  );
}

/** `source`: the schema itself, or a part of its `allOf`. */
function treeOf(schema: StructuralSchema, source: JSONSchemaProps, type: CelType): RuleTree | undefined {
  if (!hasRules(source)) return undefined;
  const { items, additional } = schema;
  const element = type.parameters.at(-1);
  return {
    schema,
    type,
    rules: source['x-kubernetes-validations'] ?? [],
    items: items && element && isSchema(source.items) ? treeOf(items, source.items, element) : undefined,
    additional:
      isTree(additional) && element && isSchema(source.additionalProperties)
        ? treeOf(additional, source.additionalProperties, element)
        : undefined,
    properties: propertiesOf(schema, source, type),
    within: (source.allOf ?? []).flatMap((each) => treeOf(schema, each, type) ?? []),
  };
}

function propertiesOf(
  schema: StructuralSchema,
  source: JSONSchemaProps,
  type: CelType,
): ReadonlyMap<string, RuleTree> {
  const found = new Map<string, RuleTree>();
  for (const [name, property] of Object.entries(source.properties ?? {})) {
    const below = schema.properties.get(name);
    if (!below || !hasRules(property)) continue;
    const escaped = escapeFieldName(name);
    const own =
      escaped === undefined
        ? declareType(celSchemaOf(below), below.isEmbeddedResource)
        : type.fields?.get(escaped)?.type;
    const tree = own && treeOf(below, property, own);
    if (tree) found.set(name, tree);
  }
  return found;
}
