/**
 * The content of an OpenAPI document for a set of resources: their operations, and all schemas that these and
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

export function definitionsOf(resources: readonly DescribedResource[], dialect: Dialect): Definitions {
  const operations: Operation[] = [];
  const definitions: Record<string, JsonSchema> = {};
  for (const [schema, described] of Map.groupBy(resources, (resource) => resource.schema)) {
    const defs = described.map(({ def }) => def);
    const ofDefs = defs.flatMap((def) => operationsOf(schema, def));
    operations.push(...ofDefs);
    Object.assign(definitions, schemasOf(schema, defs, ofDefs, dialect));
  }
  return { operations, definitions };
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
