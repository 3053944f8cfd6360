/**
 * Defaults of resources that are given in part: requests from limits, pod-level resources from those of
 * containers.
 */

import type { PodSpec, ResourceRequirements } from '../../../generated/types.gen.ts';
import { exactAmounts } from '../../../pods/exact-amounts.ts';
import { containerTotals, isHugePages, isPodLevelResource } from '../../../pods/resources.ts';

type Amounts = Record<string, string>;

/** Requests default to limits. Pods only: a template is stored as written. */
export function setRequestsFromLimits(resources: ResourceRequirements | undefined): void {
  if (!resources?.limits) return;
  const requests = { ...resources.limits };
  if (resources.requests) Object.assign(requests, resources.requests);
  for (const _ in requests) {
    resources.requests = requests;
    return;
  }
}

/** Must be called after the containers have their requests. */
export function setPodLevelResources(spec: PodSpec): void {
  const { resources } = spec;
  if (!resources) return;
  const [requests, limits]: [Amounts, Amounts] = [{ ...resources.requests }, { ...resources.limits }];
  if (isEmpty(requests) && isEmpty(limits)) return;
  setHugePageLimits(spec, requests, limits);
  if (!isEmpty(limits)) {
    resources.limits = limits;
    setPodRequests(spec, requests, limits);
  }
  if (!isEmpty(requests)) resources.requests = requests;
}

/** Huge pages cannot be overcommitted: the pod gets as many as its containers. */
function setHugePageLimits(spec: PodSpec, requests: Amounts, limits: Amounts): void {
  for (const [name, total] of containerTotals(exactAmounts, { spec }, 'limits')) {
    if (!isHugePages(name) || requests[name] !== undefined) continue;
    limits[name] ??= String(total);
  }
}

/** The sum of the containers' requests, else the limit. */
function setPodRequests(spec: PodSpec, requests: Amounts, limits: Amounts): void {
  for (const [name, total] of containerTotals(exactAmounts, { spec }, 'requests')) {
    if (isPodLevelResource(name) && !isHugePages(name)) requests[name] ??= String(total);
  }
  for (const [name, limit] of Object.entries(limits)) {
    if (isPodLevelResource(name)) requests[name] ??= limit;
  }
}

function isEmpty(amounts: Amounts): boolean {
  return Object.keys(amounts).length === 0;
}
