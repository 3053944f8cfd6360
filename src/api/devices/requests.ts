/** References to the requests of a claim: `request`, or `request/subrequest` in a list of alternatives. */

import type { DeviceAllocationConfiguration, DeviceRequestAllocationResult } from '../generated/types.gen.ts';

/** The request itself, of a reference to it or to one of its subrequests. */
export function baseRequest(reference: string): string {
  const [request = ''] = reference.split('/', 1);
  return request;
}

export function subRequestReference(request: string, subRequest: string): string {
  return `${request}/${subRequest}`;
}

/** Does this list of requests mean the referenced one? An empty list means all. */
export function includesRequest(requests: readonly string[] | undefined, reference: string): boolean {
  if (!requests?.length) return true;
  return requests.includes(reference) || requests.includes(baseRequest(reference));
}

/** Those configurations of an allocation that are for this device of it, in order: classes' first. */
export function configurationsFor(
  configurations: readonly DeviceAllocationConfiguration[] | undefined,
  { request }: DeviceRequestAllocationResult,
): DeviceAllocationConfiguration[] {
  return (configurations ?? []).filter(
    ({ opaque, requests }) => opaque !== undefined && includesRequest(requests, request),
  );
}
