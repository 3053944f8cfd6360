/** The requests of a claim in one shape, whether they ask for a device exactly or in a list of alternatives. */

import { subRequestReference } from '#api/devices/requests.ts';
import type {
  DeviceClass,
  DeviceRequest,
  DeviceSelector,
  DeviceSubRequest,
  DeviceToleration,
  ExactDeviceRequest,
  ResourceV1ResourceClaim,
} from '#api/generated/types.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { Candidate } from './candidate.ts';
import type { CapacityRequests } from './consumed-capacity.ts';

export interface Request {
  /** Of the request, or of the subrequest within its list. */
  readonly name: string;
  /** As in results: `request`, or `request/subrequest`. */
  readonly reference: string;
  readonly deviceClass: DeviceClass;
  readonly count: number;
  /** All devices that match, in place of a number of them. */
  readonly all: readonly Candidate[] | undefined;
  readonly hasAdminAccess: boolean;
  readonly selectors: readonly DeviceSelector[];
  readonly tolerations: DeviceToleration[] | undefined;
  readonly capacities: CapacityRequests;
}

/** Either one request, or the alternatives of a request, the best first. */
export interface RequestChoice {
  readonly name: string;
  readonly isList: boolean;
  readonly alternatives: readonly Request[];
}

/** A claim that cannot be allocated on any node; upstream's text. */
export class AllocationFailure extends Error {}

/** What a request asks for, before it is known which devices there are. */
export type PlainRequest = Omit<Request, 'deviceClass' | 'all' | 'count'> & {
  readonly className: string;
  readonly mode: string;
  readonly count: number;
};

export function plainRequests({ name, exactly, firstAvailable }: DeviceRequest): PlainRequest[] {
  if (firstAvailable?.length) {
    return firstAvailable.map((sub) => plain(sub, sub.name, subRequestReference(name, sub.name)));
  }
  return exactly ? [plain(exactly, name, name)] : [];
}

function plain(
  wanted: Omit<DeviceSubRequest & ExactDeviceRequest, 'name'>,
  name: string,
  reference: string,
): PlainRequest {
  return {
    name,
    reference,
    className: wanted.deviceClassName,
    mode: wanted.allocationMode ?? '',
    count: wanted.count ?? 0,
    hasAdminAccess: wanted.adminAccess ?? false,
    selectors: wanted.selectors ?? [],
    tolerations: wanted.tolerations,
    capacities: wanted.capacity?.requests ?? {},
  };
}

/** As upstream prints an object: `namespace/name`. */
export function claimText({ metadata }: Pick<ResourceV1ResourceClaim & KubeObject, 'metadata'>): string {
  return metadata?.namespace ? `${metadata.namespace}/${metadata.name}` : (metadata?.name ?? '');
}
