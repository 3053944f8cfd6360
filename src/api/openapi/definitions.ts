/** The schemas that a set of operations and kinds reaches, each kind marked with its group, version and kind. */

import type { ResourceDef, Schema } from '../schema/schema.ts';
import { kindsByType } from './kinds.ts';
import type { Operation } from './operations.ts';
import { type Dialect, type JsonSchema, reachableSchemas } from './schemas.ts';

export function definitionsOf(
  schema: Schema,
  resources: readonly ResourceDef[],
  operations: readonly Operation[],
  dialect: Dialect,
): Record<string, JsonSchema> {
  const kinds = kindsByType(schema, resources);
  const roots = new Set(kinds.keys());
  for (const { body, response } of operations) for (const type of [body, response]) if (type) roots.add(type);
  const definitions: Record<string, JsonSchema> = {};
  for (const [name, one] of reachableSchemas(schema, roots, dialect)) {
    const kind = kinds.get(name);
    definitions[name] = kind ? { ...one, 'x-kubernetes-group-version-kind': [kind] } : one;
  }
  return definitions;
}
