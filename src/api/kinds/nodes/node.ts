/** Node: allocatable defaults to capacity; its pod range and provider ID are immutable. */

import { nodes } from '../../generated/kinds.gen.ts';
import type { Node, NodeAddress, Taint } from '../../generated/types.gen.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { keepAllButStatus, keepStatus } from '../../kind/status-handling.ts';
import { checkField, checkOneOf } from '../../validation/field-checks.ts';
import {
  duplicate,
  type FieldError,
  forbiddenField,
  internalFieldError,
  invalidValue,
} from '../../validation/field-error.ts';
import { internalText } from '../../validation/internal-form.ts';
import { checkCidr } from '../../validation/ip-checks.ts';
import { rangeWarnings } from '../../validation/ip-warnings.ts';
import { labelValue, mustBePositive, qualifiedName } from '../../validation/validators.ts';
import { checkResourceAmount } from '../pods/validation/resources/names.ts';
import { taintEffects } from '../pods/validation/scheduling/scheduling.ts';
import { validateNodeAnnotations } from './annotations.ts';
import { nodePrinter } from './columns.ts';
import { validateConfigSources } from './config-source.ts';

export const node = defineKind(nodes, {
  hasGeneration: false,
  allowCreateOnUpdate: false,
  setDefaults(node) {
    node.spec ??= {};
    // podCIDR is the first of podCIDRs; a podCIDR that is not replaces all of them, as upstream.
    const spec = node.spec;
    if (spec.podCIDR && spec.podCIDRs?.[0] !== spec.podCIDR) spec.podCIDRs = [spec.podCIDR];
    else if (spec.podCIDRs?.length) spec.podCIDR = spec.podCIDRs[0];
    const capacity = node.status?.capacity;
    if (capacity) node.status!.allocatable ??= { ...capacity };
  },
  prepareForCreate({ spec, status }) {
    delete spec?.configSource;
    delete status?.config;
  },
  prepareForUpdate(node, old) {
    keepStatus(node, old);
    if (!old.spec?.configSource) delete node.spec?.configSource;
  },
  prepareForStatusUpdate(node, old) {
    keepAllButStatus(node, old);
    if (!old.status?.config) delete node.status?.config;
  },
  validate: validateNode,
  // An update is also validated as a creation.
  updateChecks: ['metadata', 'object', 'metadataChange', 'change'],
  validateUpdate: validateNodeUpdate,
  validateStatusUpdate: validateNodeUpdate,
  warnings: nodeWarnings,
  selectableFields(node) {
    return { 'spec.unschedulable': String(node.spec?.unschedulable ?? false) };
  },
  storageFolder: 'minions',
  printer: nodePrinter,
});

function validateNode(node: Node): FieldError[] {
  return [
    ...validateNodeAnnotations(node.metadata?.annotations),
    ...validateTaints(node.spec?.taints),
    ...validateAmounts(node),
    ...validateSwap(node.status?.nodeInfo?.swap?.capacity),
    ...validateDeclaredFeatures(node.status?.declaredFeatures),
    ...validatePodCidrs(node.spec?.podCIDRs),
  ];
}

function validateNodeUpdate(node: Node, old: Node): FieldError[] {
  const errors = [
    ...validateNodeAnnotations(node.metadata?.annotations),
    ...validateAmounts(node),
    ...validateDeclaredFeatures(node.status?.declaredFeatures),
    ...validateAddresses(node.status?.addresses),
    ...validatePodCidrsUpdate(node.spec?.podCIDRs, old.spec?.podCIDRs),
  ];
  if (old.spec?.providerID && old.spec.providerID !== node.spec?.providerID) {
    errors.push(forbiddenField('spec.providerID', fixedText('providerID')));
  }
  errors.push(...validateConfigSources(node), ...validateTaints(node.spec?.taints));
  if ((node.spec?.externalID ?? '') !== (old.spec?.externalID ?? '')) {
    errors.push(forbiddenField('spec.externalID', 'may not be updated'));
  }
  return errors;
}

function fixedText(what: string): string {
  return `node updates may not change ${what} except from "" to valid`;
}

/** One error for each range that changed. */
function validatePodCidrsUpdate(now: string[] = [], old: string[] = []): FieldError[] {
  if (old.length === 0) return [];
  const error = forbiddenField('spec.podCIDRs', fixedText('podCIDR'));
  if (now.length !== old.length) return [error];
  return old.filter((range, i) => range !== now[i]).map(() => error);
}

function validateAddresses(addresses: NodeAddress[] = []): FieldError[] {
  const seen = new Set<string>();
  return addresses.flatMap((address, i) => {
    const key = `${address.type} ${address.address}`;
    if (seen.has(key)) return [duplicate(`status.addresses[${i}]`, internalText(address, 'NodeAddress'))];
    seen.add(key);
    return [];
  });
}

function validateSwap(capacity: number | undefined): FieldError[] {
  if (capacity === undefined || capacity > 0) return [];
  // Upstream's path.
  return [invalidValue('metadata.nodeSwapStatus.capacity', capacity, mustBePositive)];
}

const featureName = /^[A-Z][A-Za-z0-9]*(\/[A-Za-z0-9]+)*$/;

const featureNameMax = 253;

function validateDeclaredFeatures(features: string[] = []): FieldError[] {
  return features.flatMap((feature, i) => {
    const at = (place: number) => `status.declaredFeatures[${place}]`;
    const errors = wrongFeature(feature).map((text) => invalidValue(at(i), feature, text));
    const next = features[i + 1];
    if (next === undefined || feature < next) return errors;
    if (feature === next) return [...errors, duplicate(at(i + 1), next)];
    return [...errors, invalidValue(at(i + 1), next, 'list must be sorted alphabetically')];
  });
}

function wrongFeature(feature: string): string[] {
  const what = `invalid feature name ${JSON.stringify(feature)}`;
  if (feature.length > featureNameMax) return [`${what}: must be no more than ${featureNameMax} characters`];
  if (featureName.test(feature)) return [];
  return [
    `${what}: must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes`,
  ];
}

function nodeWarnings({ spec }: Node): string[] {
  const warnings: string[] = [];
  if (spec?.configSource) warnings.push('spec.configSource: the feature is removed');
  if (spec?.externalID) {
    warnings.push('spec.externalID: this field is deprecated, and is unused by Kubernetes');
  }
  const ranges = spec?.podCIDRs ?? [];
  return [...warnings, ...ranges.flatMap((range, i) => rangeWarnings(`spec.podCIDRs[${i}]`, range))];
}

/** As upstream's, the paths begin with metadata. */
function validateTaints(taints: Taint[] | undefined): FieldError[] {
  const seen = new Set<string>();
  return (taints ?? []).flatMap((taint, i) => {
    const at = `metadata.taints[${i}]`;
    const errors = checkField(`${at}.key`, taint.key, qualifiedName);
    const wrong = labelValue(taint.value ?? '');
    if (wrong.length > 0) errors.push(invalidValue(`${at}.value`, taint.value, wrong.join(';')));
    errors.push(...checkOneOf(`${at}.effect`, taint.effect, taintEffects));
    const pair = `${taint.key}:${taint.effect}`;
    if (seen.has(pair)) {
      const detail = 'taints must be unique by key and effect pair';
      errors.push({ ...duplicate(at, internalText(taint, 'Taint')), detail });
    }
    seen.add(pair);
    return errors;
  });
}

function validateAmounts({ status = {} }: Node): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of ['capacity', 'allocatable'] as const) {
    const amounts = status[key] ?? {};
    for (const name in amounts) {
      errors.push(...checkResourceAmount(name, amounts[name]!, `status.${key}.${name}`));
    }
  }
  return errors;
}

function validatePodCidrs(ranges: string[] = []): FieldError[] {
  const errors = ranges.flatMap((range, i) => checkCidr(`spec.podCIDRs[${i}]`, range));
  if (ranges.length < 2) return errors;
  const wrong = ranges.findIndex((range) => checkCidr('', range).length > 0);
  if (wrong >= 0) {
    const text = `invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[${wrong}]: <nil> (invalid CIDR address: ${ranges[wrong]})`;
    errors.push(internalFieldError('spec.podCIDRs', text));
  }
  const families = new Set(ranges.map((range) => range.includes(':')));
  if (families.size < 2 || ranges.length > 2) {
    const text = 'may specify no more than one CIDR for each IP family';
    errors.push(invalidValue('spec.podCIDRs', ranges, text));
  }
  return errors;
}
