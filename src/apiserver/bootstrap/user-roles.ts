/** The ClusterRoles meant for people and programs: admin, edit, view and what they are aggregated from. */

import type { ClusterRole } from '#api/generated/types.gen.ts';
import { allow, allowUrls, clusterRole, defaultMeta, read, readWrite, write } from '../authz/rule.ts';

const aggregateTo = (name: string) => ({ [`rbac.authorization.k8s.io/aggregate-to-${name}`]: 'true' });

function aggregated(name: string, labels: Record<string, string> = {}): ClusterRole {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: defaultMeta(name, labels),
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: aggregateTo(name) }] },
  };
}

const podConnections = 'pods/attach pods/proxy pods/exec pods/portforward';
const writtenApps =
  'daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale';
const readApps =
  'controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets ' +
  'replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status';
const writtenExtensions =
  'daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets ' +
  'replicasets/scale replicationcontrollers/scale';
const readExtensions =
  'daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status ' +
  'networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale';

export const userRoles: readonly ClusterRole[] = [
  clusterRole('cluster-admin', [allow('*', '*', '*'), allowUrls('*', '*')]),
  clusterRole('system:discovery', [
    allowUrls(
      'get',
      '/livez /readyz /healthz /version /version/ /openapi /openapi/* /api /api/* /apis /apis/*',
    ),
  ]),
  clusterRole('system:public-info-viewer', [allowUrls('get', '/livez /readyz /healthz /version /version/')]),
  clusterRole('system:monitoring', [
    allowUrls('get', '/metrics /metrics/slis /livez /readyz /healthz /livez/* /readyz/* /healthz/*'),
  ]),
  clusterRole('system:basic-user', [
    allow('create', 'authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews'),
    allow('create', 'authentication.k8s.io', 'selfsubjectreviews'),
  ]),
  aggregated('admin'),
  aggregated('edit', aggregateTo('admin')),
  aggregated('view', aggregateTo('edit')),
  clusterRole(
    'system:aggregate-to-admin',
    [
      allow('create', 'authorization.k8s.io', 'localsubjectaccessreviews'),
      allow(readWrite, 'rbac.authorization.k8s.io', 'roles rolebindings'),
    ],
    aggregateTo('admin'),
  ),
  clusterRole(
    'system:aggregate-to-edit',
    [
      allow(read, '', `${podConnections} secrets services/proxy`),
      allow('impersonate', '', 'serviceaccounts'),
      allow(write, '', `pods ${podConnections}`),
      allow('create', '', 'pods/eviction'),
      allow(
        write,
        '',
        'configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets ' +
          'serviceaccounts services services/proxy',
      ),
      allow('create', '', 'serviceaccounts/token'),
      allow(write, 'apps', writtenApps),
      allow(write, 'autoscaling', 'horizontalpodautoscalers'),
      allow(write, 'batch', 'jobs cronjobs'),
      allow(write, 'extensions', writtenExtensions),
      allow(write, 'policy', 'poddisruptionbudgets'),
      allow(write, 'networking.k8s.io', 'networkpolicies ingresses'),
      allow(readWrite, 'coordination.k8s.io', 'leases'),
      allow(write, 'resource.k8s.io', 'resourceclaims resourceclaimtemplates'),
    ],
    aggregateTo('edit'),
  ),
  clusterRole(
    'system:aggregate-to-view',
    [
      allow(
        read,
        '',
        'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers ' +
          'replicationcontrollers/scale serviceaccounts services services/status',
      ),
      allow(
        read,
        '',
        'bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status ' +
          'resourcequotas resourcequotas/status',
      ),
      allow(read, '', 'namespaces'),
      allow(read, 'discovery.k8s.io', 'endpointslices'),
      allow(read, 'apps', readApps),
      allow(read, 'autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status'),
      allow(read, 'batch', 'jobs cronjobs cronjobs/status jobs/status'),
      allow(read, 'extensions', readExtensions),
      allow(read, 'policy', 'poddisruptionbudgets poddisruptionbudgets/status'),
      allow(read, 'networking.k8s.io', 'networkpolicies ingresses ingresses/status'),
      allow(read, 'resource.k8s.io', 'resourceclaims resourceclaims/status resourceclaimtemplates'),
    ],
    aggregateTo('view'),
  ),
];
