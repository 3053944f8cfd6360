/** How much of each quota resource one object uses. */

import type { PersistentVolumeClaim, Pod, Service } from '../generated/types.gen.ts';
import type { AnyObject } from '../meta/object.ts';
import { groupResource, type ResourceType } from '../meta/resource.ts';
import { podTotals } from '../pods/resources.ts';

/** By the names that a quota's `hard` uses: `pods`, `requests.cpu`, `count/deployments.apps`. */
export type Usage = Record<string, string>;

const countedByName = new Set([
  'pods',
  'services',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'resourcequotas',
]);

export function usageOf(type: ResourceType, object: AnyObject): Usage {
  const usage: Usage = { [`count/${groupResource(type)}`]: '1' };
  if (type.group !== '') return usage;
  if (type.resource === 'pods') return podUsage(object as Pod, usage);
  if (countedByName.has(type.resource)) usage[type.resource] = '1';
  if (type.resource === 'services') Object.assign(usage, serviceUsage(object as Service));
  if (type.resource === 'persistentvolumeclaims')
    Object.assign(usage, claimUsage(object as PersistentVolumeClaim));
  return usage;
}

/** A pod that has ended counts as an object, but uses nothing. */
function podUsage(pod: Pod, usage: Usage): Usage {
  const phase = pod.status?.phase;
  if (phase === 'Succeeded' || phase === 'Failed') return usage;
  usage['pods'] = '1';
  const { requests, limits } = podTotals(pod);
  for (const [name, amount] of Object.entries(requests)) {
    usage[`requests.${name}`] = amount;
    if (name === 'cpu' || name === 'memory' || name === 'ephemeral-storage') usage[name] = amount;
  }
  for (const [name, amount] of Object.entries(limits)) usage[`limits.${name}`] = amount;
  return usage;
}

function serviceUsage({ spec }: Service): Usage {
  const ports = String(spec?.ports?.length ?? 0);
  if (spec?.type === 'NodePort') return { 'services.nodeports': ports };
  if (spec?.type !== 'LoadBalancer') return {};
  const allocates = spec.allocateLoadBalancerNodePorts !== false;
  return { 'services.loadbalancers': '1', ...(allocates ? { 'services.nodeports': ports } : {}) };
}

function claimUsage({ spec }: PersistentVolumeClaim): Usage {
  const storage = spec?.resources?.requests?.['storage'];
  const classPrefix = spec?.storageClassName
    ? `${spec.storageClassName}.storageclass.storage.k8s.io`
    : undefined;
  return {
    ...(storage ? { 'requests.storage': storage } : {}),
    ...(classPrefix ? { [`${classPrefix}/persistentvolumeclaims`]: '1' } : {}),
    ...(classPrefix && storage ? { [`${classPrefix}/requests.storage`]: storage } : {}),
  };
}
