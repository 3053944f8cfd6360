/** Validation of one device of a ResourceSlice: attributes, capacities, taints, counters, and its nodes. */

import type {
  Counter,
  Device,
  DeviceAttribute,
  DeviceCapacity,
  DeviceCounterConsumption,
} from '../../generated/types.gen.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { checkField } from '../../validation/field-checks.ts';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  required,
  tooLong,
} from '../../validation/field-error.ts';
import { internalText } from '../../validation/internal-form.ts';
import { byteLength, dns1123Subdomain } from '../../validation/validators.ts';
import { validateNodeSelector } from '../pods/validation/scheduling/affinity.ts';
import { checkBindingConditions } from './binding-conditions.ts';
import { checkItems, checkMap, checkSet } from './lists.ts';
import { checkLabelName, checkQualifiedName, qualifiedNameMaxLength } from './names.ts';
import { checkRequestPolicy } from './request-policy.ts';
import { checkTaint } from './tolerations.ts';

const attributesAndCapacitiesMax = 32;
const attributeValuesMax = 48;
const attributeValueMaxLength = 64;
const taintsMax = 16;
const consumptionsMax = 2;
const countersMax = 32;
const labelMaxLength = 63;

export function checkDevice(
  device: Device,
  old: Device | undefined,
  choosesNodes: boolean,
  path: string,
): FieldError[] {
  const { attributes, capacity, taints, consumesCounters } = device;
  const checkCapacity = device.allowMultipleAllocations ? checkSharedCapacity : checkWholeCapacity;
  const names = {
    max: Number.POSITIVE_INFINITY,
    keyMaxLength: qualifiedNameMaxLength,
    key: checkQualifiedName,
  };
  const hasNewTaints = !old || !deepEqual(old.taints ?? [], taints ?? []);
  return [
    ...checkLabelName(device.name ?? '', `${path}.name`),
    ...checkNumbers(device, path),
    ...checkMap(attributes, { ...names, value: checkAttribute }, `${path}.attributes`),
    ...checkMap(capacity, { ...names, value: checkCapacity }, `${path}.capacity`),
    ...(hasNewTaints ? checkItems(taints, taintsMax, checkTaint, `${path}.taints`) : []),
    ...checkSet(
      consumesCounters,
      consumptionsMax,
      checkConsumption,
      ({ counterSet }) => counterSet,
      `${path}.consumesCounters`,
    ),
    ...(choosesNodes ? checkNodesOfDevice(device, path) : refuseNodes(device, path)),
    ...checkBindingConditions(device, path),
  ];
}

function checkNumbers({ attributes = {}, capacity = {} }: Device, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const values = Object.keys(attributes).length;
  const both = values + Object.keys(capacity).length;
  if (both > attributesAndCapacitiesMax) {
    const text = `the total number of attributes and capacities must not exceed ${attributesAndCapacitiesMax}`;
    errors.push(invalidValue(path, both, text));
  }
  if (values > attributeValuesMax) {
    const text = `the total number of attribute values must not exceed ${attributeValuesMax}`;
    errors.push(invalidValue(path, values, text));
  }
  return errors;
}

const semanticVersion =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$/;

const kindsOfValue = ['bool', 'int', 'string', 'version'] as const;

function checkAttribute(attribute: DeviceAttribute, path: string): FieldError[] {
  const { string, version } = attribute;
  const errors = string === undefined ? [] : checkLength(string, `${path}.string`);
  if (version !== undefined) {
    if (!semanticVersion.test(version)) {
      const text = 'must be a string compatible with semver.org spec 2.0.0';
      errors.push(invalidValue(`${path}.version`, version, text));
    }
    errors.push(...checkLength(version, `${path}.version`));
  }
  const count = kindsOfValue.filter((kind) => attribute[kind] !== undefined).length;
  if (count === 1) return errors;
  const shown = count === 0 ? '' : internalText(attribute, 'resource.DeviceAttribute');
  return [...errors, invalidValue(path, shown, 'exactly one value must be specified')];
}

function checkLength(value: string, path: string): FieldError[] {
  return byteLength(value) > attributeValueMaxLength ? [tooLong(path, attributeValueMaxLength)] : [];
}

/** The capacity of a device that several claims may have shares of. */
function checkSharedCapacity({ value, requestPolicy }: DeviceCapacity, path: string): FieldError[] {
  return requestPolicy ? checkRequestPolicy(value, requestPolicy, `${path}.requestPolicy`) : [];
}

function checkWholeCapacity({ requestPolicy }: DeviceCapacity, path: string): FieldError[] {
  return requestPolicy
    ? [forbiddenField(`${path}.requestPolicy`, 'allowMultipleAllocations must be true')]
    : [];
}

function checkConsumption(
  { counterSet = '', counters }: DeviceCounterConsumption,
  path: string,
): FieldError[] {
  const at = `${path}.counterSet`;
  return [
    ...(counterSet === '' ? [required(at)] : checkLabelName(counterSet, at)),
    ...checkCounters(counters, `${path}.counters`),
  ];
}

export function checkCounters(counters: Record<string, Counter> | undefined, path: string): FieldError[] {
  if (Object.keys(counters ?? {}).length === 0) return [required(path)];
  const rules = { max: countersMax, keyMaxLength: labelMaxLength, key: checkLabelName, value: () => [] };
  return checkMap(counters, rules, path);
}

const oneOfNodes =
  'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';

function checkNodesOfDevice({ nodeName, nodeSelector, allNodes }: Device, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const set: string[] = [];
  if (nodeName) {
    set.push('`nodeName`');
    errors.push(...checkField(`${path}.nodeName`, nodeName, dns1123Subdomain));
  } else if (nodeName === '') errors.push(invalidValue(`${path}.nodeName`, nodeName, 'must not be empty'));
  if (nodeSelector) {
    set.push('`nodeSelector`');
    errors.push(...validateNodeSelector(nodeSelector, `${path}.nodeSelector`));
  }
  if (allNodes) set.push('`allNodes`');
  else if (allNodes === false) {
    errors.push(invalidValue(`${path}.allNodes`, false, 'must be either unset or set to true'));
  }
  if (set.length === 0) errors.push(required(path, oneOfNodes));
  if (set.length > 1) errors.push(invalidValue(path, `{${set.join(', ')}}`, oneOfNodes));
  return errors;
}

function refuseNodes({ nodeName, nodeSelector, allNodes }: Device, path: string): FieldError[] {
  if (nodeName === undefined && nodeSelector === undefined && allNodes === undefined) return [];
  const text =
    '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
  return [invalidValue(path, null, text)];
}
