/** The downward API: values of a pod's own fields and of its containers' resources, as text. */

import type { Container, ResourceFieldSelector } from '#api/generated/types.gen.ts';
import { type AnyContainer, startedContainers } from '#api/pods/containers.ts';
import { isPodLevelResource } from '#api/pods/resources.ts';
import { quantityMilliValue, quantityValue } from '#api/values/quantity.ts';
import { ownValue } from '#base/own-value.ts';
import type { NodePod } from '../pod/pod.ts';

/** Huge pages are never overcommitted: a container without a limit of them has none. */
const defaultedLimits = new Set(['cpu', 'memory', 'ephemeral-storage']);

export interface PodAddresses {
  readonly podIps: readonly string[];
  readonly hostIp: string;
}

/** Throws for a path that is not offered. */
export function fieldValue(pod: NodePod, path: string, { podIps, hostIp }: PodAddresses): string {
  const keyed = /^metadata\.(annotations|labels)\['(.+)'\]$/.exec(path);
  if (keyed) return ownValue(pod.metadata[keyed[1] as 'labels' | 'annotations'] ?? {}, keyed[2]!) ?? '';
  const value = ownValue(fields, path)?.(pod, podIps, hostIp);
  if (value === undefined) throw new Error(`unsupported fieldPath: ${path}`);
  return value;
}

const fields: Record<string, (pod: NodePod, podIps: readonly string[], hostIp: string) => string> = {
  'metadata.name': (pod) => pod.metadata.name,
  'metadata.namespace': (pod) => pod.metadata.namespace ?? '',
  'metadata.uid': (pod) => pod.metadata.uid,
  'metadata.labels': (pod) => mapText(pod.metadata.labels),
  'metadata.annotations': (pod) => mapText(pod.metadata.annotations),
  'spec.nodeName': (pod) => pod.spec.nodeName ?? '',
  'spec.serviceAccountName': (pod) => pod.spec.serviceAccountName ?? '',
  'status.podIP': (_, podIps) => podIps[0] ?? '',
  'status.podIPs': (_, podIps) => podIps.join(','),
  'status.hostIP': (_pod, _podIps, hostIp) => hostIp,
  'status.hostIPs': (_pod, _podIps, hostIp) => hostIp,
};

/** One `key="value"` a line, sorted. */
function mapText(map: Record<string, string> | undefined): string {
  const keys = Object.keys(map ?? {}).sort();
  return keys.map((key) => `${key}=${JSON.stringify(map![key])}`).join('\n');
}

/** `limits.cpu` in units of the divisor, rounded up; `allocatable` stands in for a limit that is missing or 0. */
export function resourceValue(
  pod: NodePod,
  own: AnyContainer,
  selector: ResourceFieldSelector,
  allocatable: Record<string, string>,
): string {
  const container = selector.containerName
    ? startedContainers(pod.spec).find(({ name }) => name === selector.containerName)
    : own;
  if (!container) throw new Error(`container ${selector.containerName} not found`);
  const [kind, name] = selector.resource.split(/\.(.*)/s) as [string, string];
  if (kind !== 'limits' && kind !== 'requests') {
    throw new Error(`unsupported container resource : ${selector.resource}`);
  }
  const quantity = quantityFor(container as Container, kind, name, allocatable);
  const divisor = selector.divisor && selector.divisor !== '0' ? selector.divisor : '1';
  if (name === 'cpu') return String(Math.ceil(quantityMilliValue(quantity) / quantityMilliValue(divisor)));
  return String(Math.ceil(quantityValue(quantity) / quantityValue(divisor)));
}

function quantityFor(
  container: Container,
  kind: 'limits' | 'requests',
  name: string,
  allocatable: Record<string, string>,
): string {
  const { limits = {}, requests = {} } = container.resources ?? {};
  if (kind === 'requests') return requests[name] ?? limits[name] ?? '0';
  const limit = limits[name] ?? '0';
  if (!defaultedLimits.has(name) || quantityMilliValue(limit) > 0) return limit;
  return allocatable[name] ?? limit;
}

/**
 * What an environment variable reads for a limit that its container does not set: the pod's own limit of the
 * same resource, otherwise what the node offers. Files of a volume read what the node offers, as upstream.
 * Upstream: pkg/kubelet/kubelet_resources.go.
 */
export function limitsForEnv(
  { spec }: Pick<NodePod, 'spec'>,
  allocatable: Record<string, string>,
): Record<string, string> {
  const own = Object.entries(spec.resources?.limits ?? {}).filter(
    ([name, limit]) => isPodLevelResource(name) && name in allocatable && quantityMilliValue(limit) > 0,
  );
  return { ...allocatable, ...Object.fromEntries(own) };
}
