/**
 * The content of an OpenAPI document for resources of one schema: their operations, and all schemas that these and
 * the kinds refer to.
 */

import { lazily } from '#base/lazily.ts';
import { loadSchema } from '../schema/load-schema.ts';
import type { DescribedResource, GroupVersionKind, ResourceDef, Schema } from '../schema/schema.ts';
import { deleteOptionsType, kindsByType, watchEventType } from './kinds.ts';
import { type Operation, operationsOf } from './operations.ts';
import { type JsonSchema, publishedFacts } from './published-facts.ts';
import { type Dialect, reachableSchemas } from './schemas.ts';

interface Definitions {
  readonly operations: readonly Operation[];
  /** By type; each kind marked with its group, version and kind. */
  readonly definitions: Record<string, JsonSchema>;
}

/** `resources` all have one schema; `more`: the operations of their group and version, and of the server. */
export function definitionsOf(
  resources: readonly DescribedResource[],
  dialect: Dialect,
  more: readonly Operation[] = [],
): Definitions {
  const { schema } = resources[0]!;
  const defs = resources.map(({ def }) => def);
  const operations = [...defs.flatMap((def) => operationsOf(schema, def)), ...more];
  return { operations, definitions: schemasOf(schema, defs, operations, dialect) };
}

export function schemasOf(
  schema: Schema,
  resources: readonly ResourceDef[],
  operations: readonly Operation[],
  dialect: Dialect,
): Record<string, JsonSchema> {
  const kinds = kindsByType(schema, resources);
  const roots = new Set(kinds.keys());
  for (const { body, response } of operations) for (const type of [body, response]) if (type) roots.add(type);
  const definitions: Record<string, JsonSchema> = {};
  const isCustom = operations.some((operation) => operation.isCustom);
  for (const [name, made] of reachableSchemas(schema, roots, dialect)) {
    const kind = kinds.get(name) ?? builtInKinds().get(name);
    const all = kind ? [kind] : sharedKinds(name, resources, dialect, isCustom);
    definitions[name] = all ? { ...made, 'x-kubernetes-group-version-kind': all } : made;
  }
  return definitions;
}

/** Also a kind of another group, as the claims in a StatefulSet. */
const builtInKinds = lazily(() => kindsByType(loadSchema(), loadSchema().resources));

/** Kinds of the core group that every group has, by the end of their type's name; of discovery too. */
const coreKinds = /\.meta\.v1\.(Status|API(?:Group|GroupList|ResourceList|Versions))$/;

/** A type that is a kind of several groups: those of the documented versions, or of all versions where these are many. */
function sharedKinds(
  type: string,
  resources: readonly ResourceDef[],
  dialect: Dialect,
  isCustom: boolean,
): GroupVersionKind[] | undefined {
  const [, core] = coreKinds.exec(type) ?? [];
  if (core) return [{ group: '', version: 'v1', kind: core }];
  if (type !== deleteOptionsType && type !== watchEventType) return undefined;
  const kind = type.slice(type.lastIndexOf('.') + 1);
  const { group, version } = resources[0] ?? { group: '', version: 'v1' };
  const { apiVersions } = publishedFacts();
  const known = isCustom ? apiVersions.filter((each) => !elsewhere.test(each)) : undefined;
  const own = known ?? ['v1', ...(group === '' ? [] : [`${group}/${version}`])];
  return (dialect.version === 2 ? apiVersions : own).map((each) => ({ ...groupVersionOf(each), kind }));
}

function groupVersionOf(apiVersion: string): { group: string; version: string } {
  const [first = '', second] = apiVersion.split('/');
  return second === undefined ? { group: '', version: first } : { group: first, version: second };
}

/** Groups that upstream's server of custom resources does not register: its documents do not name them. */
const elsewhere = /^(?:admission|apiextensions|apiregistration|imagepolicy)\.k8s\.io\//;
