/**
 * A kind's strategy, completed with the rules for every object's metadata and, where the kind has none of its
 * own, with those of the schema.
 */

import type { KubeObject } from '../meta/object.ts';
import { type MetaRules, validateObjectMeta, validateObjectMetaUpdate } from '../meta/validation.ts';
import type { DescribedResource, TypeDef } from '../schema/schema.ts';
import { validateStructure } from '../validation/structural.ts';
import { dns1123Subdomain } from '../validation/validators.ts';
import type { Strategy, SubresourceStrategy } from './strategy.ts';

export function completeStrategy(strategy: Strategy, { def, schema }: DescribedResource): Strategy {
  const own: Strategy = {
    validate: (object) => validateStructure(schema, def.type, object),
    ...strategy,
    hasGeneration: strategy.hasGeneration ?? hasSpecAndStatus(schema.type(def.type)),
  };
  return withMetadata(own, {
    namespaced: def.namespaced,
    name: strategy.nameRule ?? dns1123Subdomain,
    takesPlainFinalizers: strategy.takesPlainFinalizers,
  });
}

function hasSpecAndStatus({ fields }: TypeDef): boolean {
  return fields.has('spec') && fields.has('status');
}

function withMetadata(strategy: Strategy, rules: MetaRules): Strategy {
  const ofUpdate = (object: KubeObject, old: KubeObject) =>
    validateObjectMetaUpdate(object.metadata, old.metadata, 'metadata', rules);
  const withUpdate = ({ validateUpdate, ...rest }: SubresourceStrategy): SubresourceStrategy => ({
    ...rest,
    ...(validateUpdate && {
      validateUpdate: (object, old) => [...ofUpdate(object, old), ...validateUpdate(object, old)],
    }),
  });
  const subresources = Object.entries(strategy.subresources ?? {});
  return {
    ...strategy,
    validate: (object) => [
      ...validateObjectMeta(object.metadata, rules),
      ...(strategy.validate?.(object) ?? []),
    ],
    validateUpdate: (object, old) => [
      ...ofUpdate(object, old),
      ...(strategy.validateUpdate?.(object, old) ?? strategy.validate?.(object) ?? []),
    ],
    validateStatusUpdate: (object, old) => [
      ...ofUpdate(object, old),
      ...(strategy.validateStatusUpdate?.(object, old) ?? []),
    ],
    subresources: Object.fromEntries(subresources.map(([name, strategy]) => [name, withUpdate(strategy)])),
  };
}
