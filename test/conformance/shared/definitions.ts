/** Definitions of custom resources that behaviours create: each has a group of its own, and goes afterwards. */

import { customResourceDefinitions } from '#api/generated/kinds.gen.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
  JSONSchemaProps,
} from '#api/generated/types.gen.ts';
import { isConditionTrue } from '#api/meta/conditions.ts';
import type { AnyObject, Stored } from '#api/meta/object.ts';
import { type ResourceType, resourceType } from '#api/meta/resource.ts';
import type { BehaviourContext } from '../behaviour.ts';

export interface CustomType {
  readonly definition: Stored<CustomResourceDefinition>;
  /** By the version's name. */
  readonly type: ResourceType<AnyObject>;
}

export const anyFields: JSONSchemaProps = {
  type: 'object',
  'x-kubernetes-preserve-unknown-fields': true,
};

export function servedVersion(
  name: string,
  schema: JSONSchemaProps = anyFields,
  more: Partial<CustomResourceDefinitionVersion> = {},
): CustomResourceDefinitionVersion {
  return { name, served: true, storage: name === 'v1', schema: { openAPIV3Schema: schema }, ...more };
}

/** The group is the namespace of the behaviour, so that none meets another's. */
export function definitionOf(
  { namespace }: BehaviourContext,
  versions: readonly CustomResourceDefinitionVersion[],
  noun = 'noxu',
): CustomResourceDefinition {
  const group = `${namespace}.example.com`;
  const kind = noun[0]!.toUpperCase() + noun.slice(1);
  return {
    metadata: { name: `${noun}s.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: `${noun}s`, singular: noun, kind, listKind: `${kind}List` },
      versions: [...versions],
    },
  };
}

export async function establishDefinition(
  context: BehaviourContext,
  definition: CustomResourceDefinition,
): Promise<CustomType> {
  const { client } = context;
  const name = definition.metadata!.name!;
  await client.create(customResourceDefinitions, definition);
  // Its objects go first, for which the webhook that converts them must still be there.
  context.after(async () => {
    await client.delete(customResourceDefinitions, { name }).catch(() => {});
    await context.eventually(`${name} is gone`, () =>
      client.get(customResourceDefinitions, { name }).then(
        () => false,
        () => true,
      ),
    );
  });
  const established = await context.eventually(`${name} is established`, async () => {
    const found = await client.get(customResourceDefinitions, { name });
    return isConditionTrue(found.status, 'Established') && found;
  });
  const { group, names, versions } = definition.spec;
  const [first] = versions;
  return {
    definition: established as Stored<CustomResourceDefinition>,
    type: resourceType(group, first!.name, names.plural, names.kind, true),
  };
}
