/** The explicit list: which kind has what of its own. A resource that is not here has nothing but its schema. */

import { configMap } from './kinds/config-map.ts';
import { cronJob } from './kinds/cron-job.ts';
import { daemonSet } from './kinds/daemon-set.ts';
import { deployment } from './kinds/deployment.ts';
import { endpointSlice } from './kinds/endpoint-slice.ts';
import { endpoints } from './kinds/endpoints.ts';
import { event } from './kinds/event.ts';
import { job } from './kinds/job.ts';
import { lease } from './kinds/lease.ts';
import { namespace } from './kinds/namespace.ts';
import { node } from './kinds/node.ts';
import { persistentVolume } from './kinds/persistent-volume.ts';
import { persistentVolumeClaim } from './kinds/persistent-volume-claim.ts';
import { pod } from './kinds/pod.ts';
import { clusterRole, clusterRoleBinding, role, roleBinding } from './kinds/rbac.ts';
import { replicaSet } from './kinds/replica-set.ts';
import { replicationController } from './kinds/replication-controller.ts';
import { secret } from './kinds/secret.ts';
import { service } from './kinds/service.ts';
import { serviceAccount } from './kinds/service-account.ts';
import { statefulSet } from './kinds/stateful-set.ts';
import type { KubeObject } from './object.ts';
import type { Strategy } from './strategy.ts';

const rbac = 'rbac.authorization.k8s.io';

/** Keys are `group/resource`. */
const strategies: Readonly<Record<string, Strategy>> = {
  '/pods': pod,
  '/services': service,
  '/namespaces': namespace,
  '/nodes': node,
  '/configmaps': configMap,
  '/secrets': secret,
  '/serviceaccounts': serviceAccount,
  '/endpoints': endpoints,
  '/events': event,
  '/replicationcontrollers': replicationController,
  '/persistentvolumes': persistentVolume,
  '/persistentvolumeclaims': persistentVolumeClaim,
  'apps/deployments': deployment,
  'apps/replicasets': replicaSet,
  'apps/daemonsets': daemonSet,
  'apps/statefulsets': statefulSet,
  'batch/jobs': job,
  'batch/cronjobs': cronJob,
  'discovery.k8s.io/endpointslices': endpointSlice,
  'coordination.k8s.io/leases': lease,
  [`${rbac}/roles`]: role,
  [`${rbac}/clusterroles`]: clusterRole,
  [`${rbac}/rolebindings`]: roleBinding,
  [`${rbac}/clusterrolebindings`]: clusterRoleBinding,
};

const none: Strategy = {};

export function strategyFor(group: string, resource: string): Strategy<KubeObject> {
  return strategies[`${group}/${resource}`] ?? none;
}
