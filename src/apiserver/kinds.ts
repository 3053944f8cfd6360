/** The resources that authentication, authorization, admission and the special handlers look at. */

import type { AnyObject } from '#api/object.ts';
import { type ResourceType, resourceType } from '#api/resource.ts';

const core = (resource: string, kind: string, namespaced = true): ResourceType<AnyObject> =>
  resourceType('', 'v1', resource, kind, namespaced);
const rbac = (resource: string, kind: string, namespaced: boolean): ResourceType<AnyObject> =>
  resourceType('rbac.authorization.k8s.io', 'v1', resource, kind, namespaced);

export const namespaces = core('namespaces', 'Namespace', false);
export const nodes = core('nodes', 'Node', false);
export const pods = core('pods', 'Pod');
export const services = core('services', 'Service');
export const endpoints = core('endpoints', 'Endpoints');
export const secrets = core('secrets', 'Secret');
export const configMaps = core('configmaps', 'ConfigMap');
export const serviceAccounts = core('serviceaccounts', 'ServiceAccount');
export const limitRanges = core('limitranges', 'LimitRange');
export const resourceQuotas = core('resourcequotas', 'ResourceQuota');
export const persistentVolumeClaims = core('persistentvolumeclaims', 'PersistentVolumeClaim');
export const persistentVolumes = core('persistentvolumes', 'PersistentVolume', false);
export const clusterRoles = rbac('clusterroles', 'ClusterRole', false);
export const clusterRoleBindings = rbac('clusterrolebindings', 'ClusterRoleBinding', false);
export const roles = rbac('roles', 'Role', true);
export const roleBindings = rbac('rolebindings', 'RoleBinding', true);
export const priorityClasses: ResourceType<AnyObject> = resourceType(
  'scheduling.k8s.io',
  'v1',
  'priorityclasses',
  'PriorityClass',
  false,
);
export const storageClasses: ResourceType<AnyObject> = resourceType(
  'storage.k8s.io',
  'v1',
  'storageclasses',
  'StorageClass',
  false,
);
export const volumeAttachments: ResourceType<AnyObject> = resourceType(
  'storage.k8s.io',
  'v1',
  'volumeattachments',
  'VolumeAttachment',
  false,
);
export const runtimeClasses: ResourceType<AnyObject> = resourceType(
  'node.k8s.io',
  'v1',
  'runtimeclasses',
  'RuntimeClass',
  false,
);
export const podDisruptionBudgets: ResourceType<AnyObject> = resourceType(
  'policy',
  'v1',
  'poddisruptionbudgets',
  'PodDisruptionBudget',
  true,
);
export const endpointSlices: ResourceType<AnyObject> = resourceType(
  'discovery.k8s.io',
  'v1',
  'endpointslices',
  'EndpointSlice',
  true,
);
