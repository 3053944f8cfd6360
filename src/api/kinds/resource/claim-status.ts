/** What may be written to the status of a ResourceClaim: who uses it, the allocation, the state of its devices. */

import type {
  AllocatedDeviceStatus,
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
  NetworkDeviceData,
  ResourceClaimConsumerReference,
  ResourceV1ResourceClaim,
} from '../../generated/types.gen.ts';
import { GoText } from '../../go/text.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { checkConditions } from '../../validation/conditions.ts';
import { checkOneOf } from '../../validation/field-checks.ts';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  required,
  tooLong,
  tooMany,
} from '../../validation/field-error.ts';
import { internalText } from '../../validation/internal-form.ts';
import { checkInterfaceAddress } from '../../validation/ip-checks.ts';
import { byteLength, fieldIsImmutable } from '../../validation/validators.ts';
import { validateNodeSelector } from '../pods/validation/scheduling/affinity.ts';
import { checkDriverName } from '../pods/validation/volumes/vendor.ts';
import { checkBindingConditions } from './binding-conditions.ts';
import { checkConfiguration, checkRawObject, parametersMaxLength } from './configuration.ts';
import {
  checkRequestRef,
  checkRequestRefs,
  configurationsMax,
  type RequestNames,
  requestNames,
} from './device-claim.ts';
import { checkItems, checkSet } from './lists.ts';
import { checkLabelName, checkPoolName, checkUid } from './names.ts';

const consumersMax = 256;
const resultsMax = 32;
const conditionsMax = 8;
const addressesMax = 16;
const interfaceNameMaxLength = 256;
const hardwareAddressMaxLength = 128;

type Claim = ResourceV1ResourceClaim;

export function validateClaimStatus(claim: Claim, old: Claim): FieldError[] {
  const { allocation, devices, reservedFor } = claim.status ?? {};
  const allocated = new Set((allocation?.devices?.results ?? []).map((result) => deviceId(result).text));
  const checkDevice = (device: AllocatedDeviceStatus, at: string) => checkDeviceStatus(device, allocated, at);
  return [
    ...checkSet(reservedFor, consumersMax, checkConsumer, ({ uid }) => uid, 'status.reservedFor'),
    ...checkSet(devices, Number.POSITIVE_INFINITY, checkDevice, deviceId, 'status.devices'),
    ...checkReservation(claim, old),
    ...checkAllocation(allocation, old.status?.allocation, requestNames(claim.spec.devices)),
  ];
}

/** The state of a device that the claim no longer has goes with its allocation. */
export function dropDeallocated(claim: Claim, old: Claim): void {
  const idsOf = ({ status }: Claim) =>
    (status?.allocation?.devices?.results ?? []).map((result) => deviceId(result).text);
  const kept = new Set(idsOf(claim));
  const dropped = new Set(idsOf(old).filter((id) => !kept.has(id)));
  if (!claim.status?.devices) return;
  const devices = claim.status.devices.filter((device) => !dropped.has(deviceId(device).text));
  if (devices.length > 0) claim.status.devices = devices;
  else delete claim.status.devices;
}

/** Identifies a device, or a share of one, as messages show it. */
export function deviceId(
  device: Pick<DeviceRequestAllocationResult, 'driver' | 'pool' | 'device' | 'shareID'>,
): GoText {
  const { driver: Driver, pool: Pool, device: Device, shareID: ShareID = '' } = device;
  return new GoText(JSON.stringify({ Driver, Pool, Device, ShareID }));
}

function checkConsumer(consumer: ResourceClaimConsumerReference, path: string): FieldError[] {
  const names = ['resource', 'name', 'uid'] as const;
  return names.flatMap((name) => (consumer[name] ? [] : [required(`${path}.${name}`)]));
}

function checkReservation(claim: Claim, old: Claim): FieldError[] {
  const { allocation, reservedFor = [] } = claim.status ?? {};
  if (reservedFor.length === 0) return [];
  const path = 'status.reservedFor';
  if (!allocation) return [forbiddenField(path, 'may not be specified when `allocated` is not set')];
  const known = old.status?.reservedFor ?? [];
  const isNew = (consumer: object) => !known.some((before) => deepEqual(before, consumer));
  if (!claim.metadata?.deletionTimestamp || !reservedFor.some(isNew)) return [];
  const text = 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set';
  return [forbiddenField(path, text)];
}

/** An allocation is made and taken back as a whole. */
function checkAllocation(
  allocation: AllocationResult | undefined,
  old: AllocationResult | undefined,
  names: RequestNames,
): FieldError[] {
  if (!allocation) return [];
  const path = 'status.allocation';
  if (old) {
    if (deepEqual(allocation, old)) return [];
    return [invalidValue(path, internalText(allocation, 'resource.AllocationResult'), fieldIsImmutable)];
  }
  const { results, config } = allocation.devices ?? {};
  const { nodeSelector } = allocation;
  return [
    ...checkItems(
      results,
      resultsMax,
      (result, at) => checkResult(result, names, at),
      `${path}.devices.results`,
    ),
    // The configurations of the class and those of the claim.
    ...checkItems(
      config,
      2 * configurationsMax,
      (item, at) => checkAllocationConfiguration(item, names, at),
      `${path}.devices.config`,
    ),
    ...(nodeSelector ? validateNodeSelector(nodeSelector, `${path}.nodeSelector`) : []),
  ];
}

function checkResult(result: DeviceRequestAllocationResult, names: RequestNames, path: string): FieldError[] {
  return [
    ...checkRequestRef(result.request ?? '', names, `${path}.request`),
    ...checkDevicePlace(result, path),
    ...checkBindingConditions(result, path),
    ...(result.shareID === undefined ? [] : checkUid(result.shareID, `${path}.shareID`)),
  ];
}

function checkDevicePlace(
  { driver = '', pool = '', device = '' }: Pick<AllocatedDeviceStatus, 'driver' | 'pool' | 'device'>,
  path: string,
): FieldError[] {
  return [
    ...checkDriverName(`${path}.driver`, driver),
    ...checkPoolName(pool, `${path}.pool`),
    ...checkLabelName(device, `${path}.device`),
  ];
}

function checkAllocationConfiguration(
  item: DeviceAllocationConfiguration,
  names: RequestNames,
  path: string,
): FieldError[] {
  return [
    ...checkOneOf(`${path}.source`, item.source, ['FromClaim', 'FromClass']),
    ...checkRequestRefs(item.requests, names, `${path}.requests`),
    ...checkConfiguration(item, path),
  ];
}

function checkDeviceStatus(
  device: AllocatedDeviceStatus,
  allocated: ReadonlySet<string>,
  path: string,
): FieldError[] {
  const { shareID, conditions, data, networkData } = device;
  const errors = checkDevicePlace(device, path);
  if (shareID !== undefined) errors.push(...checkUid(shareID, `${path}.shareID`));
  const id = deviceId(device);
  if (!allocated.has(id.text)) {
    errors.push(invalidValue(path, id, 'must be an allocated device in the claim'));
  }
  const count = conditions?.length ?? 0;
  if (count > conditionsMax) errors.push(tooMany(`${path}.conditions`, count, conditionsMax));
  return [
    ...errors,
    ...checkConditions(conditions ?? [], `${path}.conditions`),
    ...(data === undefined ? [] : checkRawObject(data, `${path}.data`, parametersMaxLength)),
    ...(networkData ? checkNetworkData(networkData, `${path}.networkData`) : []),
  ];
}

function checkNetworkData(
  { interfaceName, hardwareAddress, ips }: NetworkDeviceData,
  path: string,
): FieldError[] {
  const checkLength = (name: string, text: string | undefined, max: number) =>
    byteLength(text ?? '') > max ? [tooLong(`${path}.${name}`, max)] : [];
  return [
    ...checkLength('interfaceName', interfaceName, interfaceNameMaxLength),
    ...checkLength('hardwareAddress', hardwareAddress, hardwareAddressMaxLength),
    ...checkSet(
      ips,
      addressesMax,
      (ip, at) => checkInterfaceAddress(at, ip),
      (ip) => ip,
      `${path}.ips`,
    ),
  ];
}
