/** Defaults of the requests for devices, in claims and their templates, and of the devices in slices. */

import type {
  DeviceClaim,
  DeviceSubRequest,
  ExactDeviceRequest,
  ResourceSlice,
} from '../../generated/types.gen.ts';

export function setClaimDefaults(claim: DeviceClaim | undefined): void {
  for (const { exactly, firstAvailable = [] } of claim?.requests ?? []) {
    if (exactly) setRequestDefaults(exactly);
    for (const alternative of firstAvailable) setRequestDefaults(alternative);
  }
}

function setRequestDefaults(request: ExactDeviceRequest | DeviceSubRequest): void {
  request.allocationMode ||= 'ExactCount';
  if (request.allocationMode === 'ExactCount') request.count ||= 1;
  setTolerationDefaults(request);
}

export function setTolerationDefaults({ tolerations = [] }: Pick<ExactDeviceRequest, 'tolerations'>): void {
  for (const toleration of tolerations) toleration.operator ||= 'Equal';
}

/** `now` in RFC 3339. */
export function setTaintTimes({ spec }: ResourceSlice, now: string): void {
  for (const { taints } of spec.devices ?? []) {
    for (const taint of taints ?? []) taint.timeAdded ??= now;
  }
}
