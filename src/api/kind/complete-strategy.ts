/**
 * A kind's strategy, completed with the rules for every object's metadata and, where the kind has none of its
 * own, with those of the schema.
 */

import { lazily } from '#base/lazily.ts';
import type { KubeObject } from '../meta/object.ts';
import { type MetaRules, metaUpdateErrors, validateObjectMeta } from '../meta/validation.ts';
import type { DescribedResource, TypeDef } from '../schema/schema.ts';
import { type FieldError, together } from '../validation/field-error.ts';
import { validateStructure } from '../validation/structural.ts';
import { dns1123Subdomain } from '../validation/validators.ts';
import type { Strategy, SubresourceStrategy, UpdateCheck } from './strategy.ts';

export function completeStrategy(strategy: Strategy, { def, schema }: DescribedResource): Strategy {
  const own: Strategy = {
    validate: (object) => validateStructure(schema, def.type, object),
    ...strategy,
    hasGeneration: strategy.hasGeneration ?? hasSpecAndStatus(schema.type(def.type)),
  };
  const { nameRule = dns1123Subdomain, nameRuleOf, takesPlainFinalizers } = strategy;
  const rules = { namespaced: def.namespaced, name: nameRule, takesPlainFinalizers };
  return withMetadata(own, nameRuleOf ? (object) => ({ ...rules, name: nameRuleOf(object) }) : () => rules);
}

type RulesOf = (object: KubeObject) => MetaRules;

function hasSpecAndStatus({ fields }: TypeDef): boolean {
  return fields.has('spec') && fields.has('status');
}

function withMetadata(strategy: Strategy, rulesOf: RulesOf): Strategy {
  const { validate = () => [] } = strategy;
  const ofUpdate = updateChecks(rulesOf);
  const withUpdate = ({ validateUpdate, ...rest }: SubresourceStrategy): SubresourceStrategy => ({
    ...rest,
    ...(validateUpdate && { validateUpdate: ofUpdate(validate, validateUpdate) }),
  });
  const subresources = Object.entries(strategy.subresources ?? {});
  return {
    ...strategy,
    validate: (object) => [...validateObjectMeta(object.metadata, rulesOf(object)), ...validate(object)],
    validateUpdate: ofUpdate(validate, strategy.validateUpdate ?? validate, strategy.updateChecks),
    validateStatusUpdate: ofUpdate(validate, strategy.validateStatusUpdate ?? (() => [])),
    subresources: Object.fromEntries(subresources.map(([name, strategy]) => [name, withUpdate(strategy)])),
  };
}

type Check = (object: KubeObject, old: KubeObject) => FieldError[];

/** The registry's checks of the metadata, then the kind's in its order. */
function updateChecks(rulesOf: RulesOf) {
  return (object: Check, change: Check, order: readonly UpdateCheck[] = usualChecks): Check =>
    (now, old) => {
      const meta = metaUpdateErrors(now.metadata, old.metadata, rulesOf(now));
      const checks: Record<UpdateCheck, () => FieldError[]> = {
        metadata: () => meta.whole,
        metadataChange: () => meta.change,
        object: lazily(() => object(now, old)),
        change: () => change(now, old),
      };
      return together(meta.common, ...order.map((name) => checks[name]()));
    };
}

const usualChecks: readonly UpdateCheck[] = ['metadataChange', 'change'];
