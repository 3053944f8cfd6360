/**
 * The content of an OpenAPI document for resources of one schema: their operations, and all schemas that these and
 * the kinds refer to.
 */

import type { DescribedResource, ResourceDef, Schema } from '../schema/schema.ts';
import { kindsByType } from './kinds.ts';
import { type Operation, operationsOf } from './operations.ts';
import { type Dialect, type JsonSchema, reachableSchemas } from './schemas.ts';

interface Definitions {
  readonly operations: readonly Operation[];
  /** By type; each kind marked with its group, version and kind. */
  readonly definitions: Record<string, JsonSchema>;
}

/** `resources` all have one schema. */
export function definitionsOf(resources: readonly DescribedResource[], dialect: Dialect): Definitions {
  const { schema } = resources[0]!;
  const defs = resources.map(({ def }) => def);
  const operations = defs.flatMap((def) => operationsOf(schema, def));
  return { operations, definitions: schemasOf(schema, defs, operations, dialect) };
}

function schemasOf(
  schema: Schema,
  resources: readonly ResourceDef[],
  operations: readonly Operation[],
  dialect: Dialect,
): Record<string, JsonSchema> {
  const kinds = kindsByType(schema, resources);
  const roots = new Set(kinds.keys());
  for (const { body, response } of operations) for (const type of [body, response]) if (type) roots.add(type);
  const definitions: Record<string, JsonSchema> = {};
  for (const [name, resource] of reachableSchemas(schema, roots, dialect)) {
    const kind = kinds.get(name);
    definitions[name] = kind ? { ...resource, 'x-kubernetes-group-version-kind': [kind] } : resource;
  }
  return definitions;
}
