/** Merges the result of an ApplyConfiguration expression into the object, as server-side apply. */

import { jsonOf, NoJson } from '#api/cel/library/patches/json-value.ts';
import { misplacedTypes, PatchObject } from '#api/cel/library/patches/patch-object.ts';
import type { FieldSchema } from '#api/fields/field-schema.ts';
import { merge } from '#api/fields/merge.ts';
import { fieldSchemaOf } from '#api/fields/of-compact-schema.ts';
import { joinedErrors, validate } from '#api/fields/validate.ts';
import type { AnyObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { copyJson } from '#base/copy-json.ts';
import type { Resources } from '../../../registry/resources.ts';
import { kindOf, shownType } from '../../objects/shown-type.ts';
import { atomicParts } from './atomic-parts.ts';
import { MutationFailed } from './mutation-failed.ts';
import { unsuitedValues } from './unsuited-values.ts';

/** Returns a new object. Throws `MutationFailed`. */
export function applyConfiguration(
  resources: Resources,
  type: ResourceType,
  object: AnyObject,
  made: unknown,
): AnyObject {
  if (!(made instanceof PatchObject)) {
    throw new MutationFailed('unsupported return type from ApplyConfiguration expression');
  }
  const misplaced = misplacedTypes(made, made.type.name);
  if (misplaced.length > 0) throw new MutationFailed(`type mismatch: ${misplaced.join('\n')}`);
  const schema = schemaOf(resources, type, object);
  const unsuited = unsuitedValues(schema, made);
  if (unsuited.length > 0) throw untyped(joinedErrors(unsuited)!);
  const { kind, apiVersion } = object;
  const configuration = { ...configurationOf(made), kind, apiVersion };
  checkConfiguration(schema, configuration);
  return copyJson(merge(schema, object, configuration)) as AnyObject;
}

function configurationOf(made: PatchObject): object {
  try {
    return jsonOf(made) as object;
  } catch (error) {
    if (!(error instanceof NoJson)) throw error;
    throw new MutationFailed('invalid return type: *dynamic.ObjectVal');
  }
}

function checkConfiguration(schema: FieldSchema, configuration: object): void {
  const problem = validate(schema, configuration);
  if (problem !== undefined) throw untyped(problem);
  const atomics = atomicParts(schema, configuration);
  if (atomics.length === 0) return;
  const why = `may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`;
  throw new MutationFailed(`error applying patch: invalid ApplyConfiguration: ${why}`);
}

const untyped = (why: string) =>
  new MutationFailed(`error applying patch: failed to convert patch object to typed object: ${why}`);

/** The schema of the object's kind, which for a subresource may be another kind: Scale, Eviction. */
function schemaOf(resources: Resources, type: ResourceType, object: AnyObject): FieldSchema {
  const served = resources.of(type);
  if (object.kind === type.kind) return served.owned.schema;
  const shown = shownType(served, object);
  if (shown !== undefined) return fieldSchemaOf(served.schema, shown);
  const { group, version, kind } = kindOf(object);
  throw untyped(`no corresponding type for ${group}/${version}, Kind=${kind}`);
}
