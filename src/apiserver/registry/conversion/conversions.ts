/** The few kinds served in two versions, and which of the two is stored. */

import type { ResourceDef, Schema } from '#api/schema/schema.ts';
import { autoscalerV1 } from './autoscaler-v1.ts';
import type { Conversion } from './conversion.ts';
import { eventsV1 } from './events-v1.ts';

interface Rule {
  readonly stored: { readonly group: string; readonly version: string };
  readonly conversion: Conversion;
}

/** Keys are `group/version/resource` of the version that is not stored. */
const rules: Readonly<Record<string, Rule>> = {
  'events.k8s.io/v1/events': { stored: { group: '', version: 'v1' }, conversion: eventsV1 },
  'autoscaling/v1/horizontalpodautoscalers': {
    stored: { group: 'autoscaling', version: 'v2' },
    conversion: autoscalerV1,
  },
};

export function conversionFor(def: ResourceDef): Conversion | undefined {
  return ruleFor(def)?.conversion;
}

export function storageVersionOf(schema: Schema, def: ResourceDef): ResourceDef {
  const rule = ruleFor(def);
  if (!rule) return def;
  const stored = schema.resource(rule.stored.group, rule.stored.version, def.resource);
  if (!stored) throw new Error(`the storage version of ${def.group}/${def.resource} is not served`);
  return stored;
}

function ruleFor(def: ResourceDef): Rule | undefined {
  return rules[`${def.group}/${def.version}/${def.resource}`];
}
