/** Node: what can be allocated is what there is, unless its kubelet says less; its pod range and provider stay. */

import { deepEqual } from '../deep-equal.ts';
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../field-error.ts';
import { checkResourceAmount } from '../pod-validation/resources.ts';
import { taintEffects } from '../pod-validation/scheduling.ts';
import type { Strategy } from '../strategy.ts';
import type { Node, Taint } from '../types.gen.ts';
import { checkCidr, checkField, labelValue, qualifiedName } from '../validators.ts';
import { roundUpAmounts } from './pod-resource-defaults.ts';
import { keepStatus } from './status-handling.ts';

export const node: Strategy<Node> = {
  hasGeneration: false,
  allowCreateOnUpdate: false,
  setDefaults(node) {
    node.spec ??= {};
    // The single range is the first of the list.
    const spec = node.spec;
    if (spec.podCIDR && !spec.podCIDRs?.length) spec.podCIDRs = [spec.podCIDR];
    else if (spec.podCIDRs?.length) spec.podCIDR = spec.podCIDRs[0];
    const capacity = node.status?.capacity;
    if (capacity) node.status!.allocatable ??= { ...capacity };
    roundUpAmounts(capacity);
    roundUpAmounts(node.status?.allocatable);
  },
  prepareForUpdate: keepStatus,
  validate: (node) => [
    ...validateTaints(node.spec?.taints),
    ...validateAmounts(node),
    ...validatePodCidrs(node.spec?.podCIDRs),
  ],
  validateUpdate: validateNodeUpdate,
  validateStatusUpdate: validateNodeUpdate,
  selectableFields(node) {
    return { 'spec.unschedulable': String(node.spec?.unschedulable ?? false) };
  },
};

function validateNodeUpdate(node: Node, old: Node): FieldError[] {
  const errors = validateAmounts(node);
  const addresses = node.status?.addresses ?? [];
  for (const [i, address] of addresses.entries()) {
    if (addresses.findIndex((other) => deepEqual(other, address)) < i) {
      errors.push(duplicate(`status.addresses[${i}]`, address));
    }
  }
  const fixed = (field: string, text: string) => {
    errors.push(forbiddenField(field, `node updates may not change ${text} except from "" to valid`));
  };
  if (old.spec?.podCIDRs?.length && !deepEqual(old.spec.podCIDRs, node.spec?.podCIDRs)) {
    fixed('spec.podCIDRs', 'podCIDR');
  }
  if (old.spec?.providerID && old.spec.providerID !== node.spec?.providerID) {
    fixed('spec.providerID', 'providerID');
  }
  return [...errors, ...validateTaints(node.spec?.taints)];
}

/** The paths begin with metadata: upstream's do. */
function validateTaints(taints: Taint[] | undefined): FieldError[] {
  const seen = new Set<string>();
  return (taints ?? []).flatMap((taint, i) => {
    const at = `metadata.taints[${i}]`;
    const errors = checkField(`${at}.key`, taint.key, qualifiedName);
    const wrong = labelValue(taint.value ?? '');
    if (wrong.length > 0) errors.push(invalidValue(`${at}.value`, taint.value, wrong.join(';')));
    if (!taint.effect) errors.push(required(`${at}.effect`));
    else if (!taintEffects.includes(taint.effect)) {
      errors.push(notSupported(`${at}.effect`, taint.effect, taintEffects));
    }
    const pair = `${taint.key}:${taint.effect}`;
    if (seen.has(pair)) {
      const detail = 'taints must be unique by key and effect pair';
      errors.push({ ...duplicate(at, taint), detail });
    }
    seen.add(pair);
    return errors;
  });
}

function validateAmounts(node: Node): FieldError[] {
  return (['capacity', 'allocatable'] as const).flatMap((key) =>
    Object.entries(node.status?.[key] ?? {}).flatMap(([name, amount]) =>
      checkResourceAmount(name, amount, `status.${key}.${name}`),
    ),
  );
}

function validatePodCidrs(ranges: string[] = []): FieldError[] {
  const errors = ranges.flatMap((range, i) => checkCidr(`spec.podCIDRs[${i}]`, range));
  if (ranges.length < 2) return errors;
  const families = new Set(ranges.map((range) => range.includes(':')));
  if (families.size < 2 || ranges.length > 2) {
    const text = 'may specify no more than one CIDR for each IP family';
    errors.push(invalidValue('spec.podCIDRs', ranges, text));
  }
  for (const [i, range] of ranges.entries()) {
    if (ranges.indexOf(range) < i) errors.push(duplicate(`spec.podCIDRs[${i}]`, range));
  }
  return errors;
}
