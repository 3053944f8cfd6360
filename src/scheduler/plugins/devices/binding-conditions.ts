/**
 * Devices that must be prepared before a pod may use them: their driver says so by conditions in the claim's
 * status. Upstream: isClaimReadyForBinding, isClaimTimeout.
 */

import type { DeviceRequestAllocationResult, ResourceV1ResourceClaim } from '#api/generated/types.gen.ts';

export type Readiness =
  | { readonly state: 'ready' | 'pending' }
  /** `reason`: upstream's text. */
  | { readonly state: 'failed'; readonly reason: string };

export function mustBePrepared({ status }: ResourceV1ResourceClaim): boolean {
  return resultsOf(status).some(({ bindingConditions }) => bindingConditions?.length);
}

/** Of an allocated claim; devices without conditions are ready. */
export function readiness({ metadata, status }: ResourceV1ResourceClaim): Readiness {
  if (!status?.allocation) return { state: 'pending' };
  for (const result of resultsOf(status)) {
    const { bindingConditions = [], bindingFailureConditions = [] } = result;
    if (bindingConditions.length === 0) continue;
    const conditions = conditionsOf(status, result);
    if (!conditions) return { state: 'pending' };
    const met = (type: string) => conditions.find((each) => each.type === type && each.status === 'True');
    const failed = bindingFailureConditions.map(met).find((condition) => condition !== undefined);
    if (failed) {
      const detail = `reason=${failed.reason}, message=${JSON.stringify(failed.message)}`;
      return { state: 'failed', reason: `device binding failed: claim=${metadata?.name}, ${detail}` };
    }
    if (!bindingConditions.every(met)) return { state: 'pending' };
  }
  return { state: 'ready' };
}

/** Has the claim waited longer for its devices than it may? */
export function hasTimedOut({ status }: ResourceV1ResourceClaim, timeoutMs: number, nowMs: number): boolean {
  const since = status?.allocation?.allocationTimestamp;
  const hasConditions = resultsOf(status).some(({ bindingConditions }) => bindingConditions);
  if (since === undefined || !hasConditions) return false;
  return Date.parse(since) + timeoutMs < nowMs;
}

type Status = ResourceV1ResourceClaim['status'];

function resultsOf(status: Status): readonly DeviceRequestAllocationResult[] {
  return status?.allocation?.devices?.results ?? [];
}

function conditionsOf(status: Status, { driver, pool, device }: DeviceRequestAllocationResult) {
  const found = status?.devices?.find(
    (each) => each.driver === driver && each.pool === pool && each.device === device,
  );
  return found && (found.conditions ?? []);
}
