/** What each pod requests of a resource, in thousandths: the base of a target in percent. */

import type { Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { isSidecar } from '#api/pods/containers.ts';
import { exactAmounts } from '#api/pods/exact-amounts.ts';
import { isPodLevelResource, podRequests } from '#api/pods/resources.ts';
import { parseQuantity } from '#api/values/quantity.ts';
import { MetricError } from './metric-error.ts';

/**
 * By the pod's name. `container`: only that container's requests; empty for the whole pod, whose pod-level requests take
 * precedence. Throws `MetricError` for a pod without that request.
 */
export function requestsByPod(
  pods: readonly Stored<Pod>[],
  container: string,
  resource: string,
): Map<string, bigint> {
  return new Map(pods.map((pod) => [pod.metadata.name, requestOf(pod, container, resource)]));
}

function requestOf(pod: Stored<Pod>, container: string, resource: string): bigint {
  const isPodLevel = Object.keys(pod.spec?.resources?.requests ?? {}).some(isPodLevelResource);
  if (container !== '' || !isPodLevel) return containerRequests(pod, container, resource);
  const amount = podRequests(exactAmounts, pod).get(resource);
  if (amount) return amount.thousandths();
  throw new MetricError(`missing pod-level request for ${resource} in Pod ${pod.metadata.name}`);
}

function containerRequests(pod: Stored<Pod>, wanted: string, resource: string): bigint {
  const { containers = [], initContainers = [] } = pod.spec ?? {};
  const running = [...containers, ...initContainers.filter(isSidecar)];
  const counted = wanted === '' ? running : running.filter(({ name }) => name === wanted).slice(0, 1);
  if (wanted !== '' && counted.length === 0) {
    throw new MetricError(`container ${wanted} not found in Pod ${pod.metadata.name}`);
  }
  let sum = 0n;
  for (const { name, resources } of counted) {
    const request = resources?.requests?.[resource];
    if (request === undefined) {
      throw new MetricError(
        `missing request for ${resource} in container ${name} of Pod ${pod.metadata.name}`,
      );
    }
    sum += parseQuantity(request).thousandths();
  }
  return sum;
}
