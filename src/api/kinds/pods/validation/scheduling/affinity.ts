/** Validation of node selectors, node affinity and inter-pod affinity. */

import type {
  Affinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
} from '../../../../generated/types.gen.ts';
import { hard, soft } from '../../../../pods/affinity-terms.ts';
import { validateLabelSelector } from '../../../../selectors/validation.ts';
import { checkField } from '../../../../validation/field-checks.ts';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  required,
} from '../../../../validation/field-error.ts';
import {
  dns1123Label,
  dns1123Subdomain,
  labelValue,
  qualifiedName,
} from '../../../../validation/validators.ts';
import { refuseSelectedKeys, validateLabelKeys } from './label-keys.ts';

export function validateAffinity(affinity: Affinity | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const node = affinity?.nodeAffinity;
  if (node?.[hard]) errors.push(...validateNodeSelector(node[hard], `${path}.nodeAffinity.${hard}`));
  for (const [i, term] of (node?.[soft] ?? []).entries()) {
    const at = `${path}.nodeAffinity.${soft}[${i}]`;
    errors.push(...checkWeight(`${at}.weight`, term.weight));
    // Invalid label values are accepted here: a preference that no node can meet is harmless.
    errors.push(...validateNodeTerm(term.preference ?? {}, false, `${at}.preference`));
  }
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    const pods = affinity?.[kind];
    if (pods) errors.push(...validatePodAffinity(pods, `${path}.${kind}`));
  }
  return errors;
}

export function validateNodeSelector(selector: NodeSelector, path: string): FieldError[] {
  const at = `${path}.nodeSelectorTerms`;
  const terms = selector.nodeSelectorTerms ?? [];
  if (terms.length === 0) return [required(at, 'must have at least one node selector term')];
  return terms.flatMap((term, i) => validateNodeTerm(term, true, `${at}[${i}]`));
}

function validateNodeTerm(term: NodeSelectorTerm, checkValues: boolean, path: string): FieldError[] {
  return [
    ...(term.matchExpressions ?? []).flatMap((requirement, i) =>
      validateNodeRequirement(requirement, checkValues, `${path}.matchExpressions[${i}]`),
    ),
    ...(term.matchFields ?? []).flatMap((requirement, i) =>
      validateNodeField(requirement, `${path}.matchFields[${i}]`),
    ),
  ];
}

function validateNodeRequirement(
  requirement: NodeSelectorRequirement,
  checkValues: boolean,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const values = requirement.values ?? [];
  const at = `${path}.values`;
  if (requirement.operator === 'In' || requirement.operator === 'NotIn') {
    if (values.length === 0) {
      errors.push(required(at, "must be specified when `operator` is 'In' or 'NotIn'"));
    }
  } else if (requirement.operator === 'Exists' || requirement.operator === 'DoesNotExist') {
    const text = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
    if (values.length > 0) errors.push(forbiddenField(at, text));
  } else if (requirement.operator === 'Gt' || requirement.operator === 'Lt') {
    const text = "must be specified single value when `operator` is 'Lt' or 'Gt'";
    if (values.length !== 1) errors.push(required(at, text));
  } else {
    errors.push(
      invalidValue(`${path}.operator`, requirement.operator ?? '', 'not a valid selector operator'),
    );
  }
  errors.push(...checkField(`${path}.key`, requirement.key, qualifiedName));
  if (!checkValues) return errors;
  return [...errors, ...values.flatMap((value, i) => checkField(`${at}[${i}]`, value, labelValue))];
}

function validateNodeField(requirement: NodeSelectorRequirement, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (requirement.operator !== 'In' && requirement.operator !== 'NotIn') {
    errors.push(
      invalidValue(`${path}.operator`, requirement.operator ?? '', 'not a valid selector operator'),
    );
  } else if (requirement.values?.length !== 1) {
    const text = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    errors.push(required(`${path}.values`, text));
  }
  if (requirement.key !== 'metadata.name') {
    return [...errors, invalidValue(`${path}.key`, requirement.key ?? '', 'not a valid field selector key')];
  }
  const names = requirement.values ?? [];
  return [
    ...errors,
    ...names.flatMap((name, i) => checkField(`${path}.values[${i}]`, name, dns1123Subdomain)),
  ];
}

function checkWeight(field: string, weight = 0): FieldError[] {
  return weight > 0 && weight <= 100 ? [] : [invalidValue(field, weight, 'must be in the range 1-100')];
}

function validatePodAffinity(affinity: PodAffinity, path: string): FieldError[] {
  return [
    ...(affinity[hard] ?? []).flatMap((term, i) => validatePodTerm(term, `${path}.${hard}[${i}]`)),
    ...(affinity[soft] ?? []).flatMap((weighted, i) => {
      const at = `${path}.${soft}[${i}]`;
      return [
        ...checkWeight(`${at}.weight`, weighted.weight),
        ...validatePodTerm(weighted.podAffinityTerm ?? {}, `${at}.podAffinityTerm`),
      ];
    }),
  ];
}

function validatePodTerm(term: Partial<PodAffinityTerm>, path: string): FieldError[] {
  const errors = [
    ...validateLabelSelector(term.labelSelector, `${path}.labelSelector`),
    ...validateLabelSelector(term.namespaceSelector, `${path}.namespaceSelector`),
    ...(term.namespaces ?? []).flatMap((name) => checkField(`${path}.namespace`, name, dns1123Label)),
    ...validateLabelKeys(term.matchLabelKeys, term.labelSelector, `${path}.matchLabelKeys`),
    ...validateLabelKeys(term.mismatchLabelKeys, term.labelSelector, `${path}.mismatchLabelKeys`),
    // As upstream, without the field's name.
    ...refuseSelectedKeys(term.matchLabelKeys, term.labelSelector, path),
  ];
  const mismatched = new Set(term.mismatchLabelKeys);
  for (const [i, key] of (term.matchLabelKeys ?? []).entries()) {
    if (!mismatched.has(key)) continue;
    const text = 'exists in both matchLabelKeys and mismatchLabelKeys';
    errors.push(invalidValue(`${path}.matchLabelKeys[${i}]`, key, text));
  }
  if (!term.topologyKey) errors.push(required(`${path}.topologyKey`, 'can not be empty'));
  return [...errors, ...checkField(`${path}.topologyKey`, term.topologyKey ?? '', qualifiedName)];
}
