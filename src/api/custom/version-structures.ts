/** The structural schemas of a definition's versions: each made when it is first needed, and shared by all versions. */

import type { CustomResourceDefinition } from '../generated/types.gen.ts';
import { apiVersionOf } from '../meta/resource.ts';
import { type StructuralSchema, structuralSchema } from './structural-schema.ts';

/** By apiVersion. */
export interface VersionStructures {
  get(apiVersion: string): StructuralSchema | undefined;
}

const known = new WeakMap<CustomResourceDefinition, VersionStructures>();

/** `definition` must not be changed afterwards: the structures are cached by it. */
export function versionStructures(definition: CustomResourceDefinition): VersionStructures {
  let structures = known.get(definition);
  if (!structures) {
    structures = structuresOf(definition);
    known.set(definition, structures);
  }
  return structures;
}

function structuresOf({ spec: { group, versions } }: CustomResourceDefinition): VersionStructures {
  const sources = new Map(
    versions.map(({ name, schema }) => [
      apiVersionOf({ group, version: name }),
      schema?.openAPIV3Schema ?? {},
    ]),
  );
  const made = new Map<string, StructuralSchema>();
  return {
    get(apiVersion) {
      const source = sources.get(apiVersion);
      if (!source) return undefined;
      const structure = made.get(apiVersion) ?? structuralSchema(source);
      made.set(apiVersion, structure);
      return structure;
    },
  };
}
