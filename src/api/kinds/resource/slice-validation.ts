/** Validation of ResourceSlices: the pool, which nodes have access, devices and the counters that they share. */

import type {
  CounterSet,
  Device,
  ResourcePool,
  ResourceSlice,
  ResourceSliceSpec,
} from '../../generated/types.gen.ts';
import { checkField, checkImmutable } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue, required } from '../../validation/field-error.ts';
import { internalText } from '../../validation/internal-form.ts';
import { dns1123Subdomain, mustBeAtLeastZero, mustBePositive } from '../../validation/validators.ts';
import { validateNodeSelector } from '../pods/validation/scheduling/affinity.ts';
import { checkDriverName } from '../pods/validation/volumes/vendor.ts';
import { checkCounters, checkDevice } from './device.ts';
import { checkSet } from './lists.ts';
import { checkLabelName, checkPoolName } from './names.ts';

const devicesMax = 128;
/** Of slices whose devices have taints or use counters. */
const intricateDevicesMax = 64;
const counterSetsMax = 8;

export function validateSlice({ spec }: ResourceSlice, old?: ResourceSlice): FieldError[] {
  const path = 'spec';
  const before = old?.spec;
  return [
    ...checkDriverName(`${path}.driver`, spec.driver ?? ''),
    ...checkPool(spec.pool, `${path}.pool`),
    ...(before ? checkKept(spec, before, path) : []),
    ...checkNodesOfSlice(spec, path),
    // Empty lists and none are stored alike.
    ...(spec.sharedCounters && spec.devices
      ? [invalidValue(path, '', 'only one of `sharedCounters` or `devices` is allowed')]
      : []),
    ...checkDevices(spec, before, `${path}.devices`),
    ...checkSet(
      spec.sharedCounters,
      counterSetsMax,
      checkCounterSet,
      ({ name }) => name,
      `${path}.sharedCounters`,
    ),
  ];
}

function checkPool(pool: ResourcePool, path: string): FieldError[] {
  const { resourceSliceCount: count, generation } = pool;
  return [
    ...checkPoolName(pool.name, `${path}.name`),
    ...(count > 0 ? [] : [invalidValue(`${path}.resourceSliceCount`, count, mustBePositive)]),
    ...(generation < 0 ? [invalidValue(`${path}.generation`, generation, mustBeAtLeastZero)] : []),
  ];
}

function checkKept(spec: ResourceSliceSpec, old: ResourceSliceSpec, path: string): FieldError[] {
  const node = ({ nodeName }: ResourceSliceSpec) => nodeName ?? null;
  return [
    ...checkImmutable(`${path}.pool.name`, spec.pool.name, old.pool?.name ?? ''),
    ...checkImmutable(`${path}.driver`, spec.driver, old.driver),
    ...checkImmutable(`${path}.nodeName`, node(spec), node(old)),
  ];
}

const oneOfNodes =
  'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';

function checkNodesOfSlice(spec: ResourceSliceSpec, path: string): FieldError[] {
  const { nodeName, nodeSelector } = spec;
  const errors: FieldError[] = [];
  const set: string[] = [];
  if (nodeName) {
    set.push('`nodeName`');
    errors.push(...checkField(`${path}.nodeName`, nodeName, dns1123Subdomain));
  } else if (nodeName === '') {
    const text = 'must be either unset or set to a non-empty string';
    errors.push(invalidValue(`${path}.nodeName`, nodeName, text));
  }
  if (nodeSelector) {
    set.push('`nodeSelector`');
    errors.push(...validateNodeSelector(nodeSelector, `${path}.nodeSelector`));
    const terms = nodeSelector.nodeSelectorTerms ?? [];
    if (terms.length !== 1) {
      const at = `${path}.nodeSelector.nodeSelectorTerms`;
      const shown =
        terms.length > 0 ? internalText(terms, 'NodeSelectorTerm') : nodeSelector.nodeSelectorTerms;
      errors.push(invalidValue(at, shown, 'must have exactly one node selector term'));
    }
  }
  for (const name of ['allNodes', 'perDeviceNodeSelection'] as const) {
    if (spec[name]) set.push(`\`${name}\``);
    else if (spec[name] === false) {
      errors.push(invalidValue(`${path}.${name}`, false, 'must be either unset or set to true'));
    }
  }
  if (set.length === 0) errors.push(required(path, oneOfNodes));
  if (set.length > 1) {
    const text = `${oneOfNodes}, but multiple fields are set`;
    errors.push(invalidValue(path, `{${set.join(', ')}}`, text));
  }
  return errors;
}

function checkDevices(
  spec: ResourceSliceSpec,
  old: ResourceSliceSpec | undefined,
  path: string,
): FieldError[] {
  const { devices = [], perDeviceNodeSelection = false } = spec;
  const isIntricate = devices.some(
    ({ taints, consumesCounters }) => taints?.length || consumesCounters?.length,
  );
  const before = new Map((old?.devices ?? []).map((device) => [device.name, device]));
  const check = (device: Device, at: string) =>
    checkDevice(device, before.get(device.name), perDeviceNodeSelection, at);
  return checkSet(devices, isIntricate ? intricateDevicesMax : devicesMax, check, ({ name }) => name, path);
}

function checkCounterSet({ name = '', counters }: CounterSet, path: string): FieldError[] {
  return [
    ...(name === '' ? [required(`${path}.name`)] : checkLabelName(name, `${path}.name`)),
    ...checkCounters(counters, `${path}.counters`),
  ];
}
