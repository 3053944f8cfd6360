/** Validation of tolerations, topology spread constraints and scheduling gates. */

import type {
  PodSchedulingGate,
  Toleration,
  TopologySpreadConstraint,
} from '../../../../generated/types.gen.ts';
import { validateLabelSelector } from '../../../../selectors/validation.ts';
import { checkField, checkOneOfIfGiven } from '../../../../validation/field-checks.ts';
import {
  duplicate,
  type FieldError,
  invalidValue,
  notSupported,
  required,
} from '../../../../validation/field-error.ts';
import { labelValue, mustBePositive, qualifiedName } from '../../../../validation/validators.ts';
import { refuseSelectedKeys, validateLabelKeys } from './label-keys.ts';

export const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export function validateTolerations(tolerations: Toleration[] | undefined, path: string): FieldError[] {
  return (tolerations ?? []).flatMap((toleration, i) => validateToleration(toleration, `${path}[${i}]`));
}

function validateToleration(toleration: Toleration, path: string): FieldError[] {
  const { key = '', operator = '', value = '', effect = '' } = toleration;
  const errors = key ? checkField(`${path}.key`, key, qualifiedName) : [];
  if (!key && operator !== 'Exists') {
    const text = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    errors.push(invalidValue(`${path}.operator`, operator, text));
  }
  if (toleration.tolerationSeconds !== undefined && effect !== 'NoExecute') {
    const text = "effect must be 'NoExecute' when `tolerationSeconds` is set";
    errors.push(invalidValue(`${path}.effect`, effect, text));
  }
  if (operator === 'Equal' || operator === '') {
    const wrong = labelValue(value);
    if (wrong.length > 0) errors.push(invalidValue(`${path}.operator`, value, wrong.join(';')));
  } else if (operator === 'Exists') {
    const text = "value must be empty when `operator` is 'Exists'";
    if (value) errors.push(invalidValue(`${path}.operator`, value, text));
  } else {
    // Upstream names the two comparisons only to those who use them, though their feature gate is off.
    const isComparison = operator === 'Lt' || operator === 'Gt';
    const operators = isComparison ? ['Equal', 'Exists', 'Lt', 'Gt'] : ['Equal', 'Exists'];
    errors.push(notSupported(`${path}.operator`, operator, operators));
  }
  if (effect && !taintEffects.includes(effect)) {
    errors.push(notSupported(`${path}.effect`, effect, taintEffects));
  }
  return errors;
}

export function validateSchedulingGates(gates: PodSchedulingGate[] | undefined, path: string): FieldError[] {
  if (!gates?.length) return [];
  const seen = new Set<string>();
  return gates.flatMap(({ name }, i) => {
    const errors = checkField(`${path}[${i}]`, name, qualifiedName);
    if (seen.has(name)) errors.push(duplicate(`${path}[${i}]`, name));
    seen.add(name);
    return errors;
  });
}

export function validateSpread(
  constraints: TopologySpreadConstraint[] | undefined,
  path: string,
): FieldError[] {
  const lastOf = new Map((constraints ?? []).map((constraint, i) => [pairOf(constraint), i]));
  return (constraints ?? []).flatMap((constraint, i) =>
    validateConstraint(constraint, lastOf.get(pairOf(constraint))! > i, `${path}[${i}]`),
  );
}

const actions = ['DoNotSchedule', 'ScheduleAnyway'];
const policies = ['Honor', 'Ignore'];

const pairOf = ({ topologyKey, whenUnsatisfiable }: TopologySpreadConstraint) =>
  `{${topologyKey ?? ''}, ${whenUnsatisfiable ?? ''}}`;

function validateConstraint(
  constraint: TopologySpreadConstraint,
  comesAgain: boolean,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!(constraint.maxSkew > 0)) {
    errors.push(invalidValue(`${path}.maxSkew`, constraint.maxSkew ?? 0, mustBePositive));
  }
  if (!constraint.topologyKey) errors.push(required(`${path}.topologyKey`, 'can not be empty'));
  if (!actions.includes(constraint.whenUnsatisfiable)) {
    errors.push(notSupported(`${path}.whenUnsatisfiable`, constraint.whenUnsatisfiable ?? '', actions));
  }
  if (comesAgain) errors.push(duplicate(`${path}.{topologyKey, whenUnsatisfiable}`, pairOf(constraint)));
  errors.push(...validateMinDomains(constraint, `${path}.minDomains`));
  for (const key of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
    errors.push(...checkOneOfIfGiven(`${path}.${key}`, constraint[key], policies));
  }
  return [
    ...errors,
    ...validateLabelKeys(constraint.matchLabelKeys, constraint.labelSelector, `${path}.matchLabelKeys`),
    ...refuseSelectedKeys(constraint.matchLabelKeys, constraint.labelSelector, `${path}.matchLabelKeys`),
    ...validateLabelSelector(constraint.labelSelector, `${path}.labelSelector`),
  ];
}

function validateMinDomains(
  { minDomains, whenUnsatisfiable }: TopologySpreadConstraint,
  path: string,
): FieldError[] {
  if (minDomains === undefined) return [];
  const errors = minDomains > 0 ? [] : [invalidValue(path, minDomains, mustBePositive)];
  if (whenUnsatisfiable !== 'DoNotSchedule') {
    const text = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable ?? ''}`;
    errors.push(invalidValue(path, minDomains, text));
  }
  return errors;
}
