/** The explicit list: which kind has what of its own. A resource that is not here has nothing but its schema. */

import { horizontalPodAutoscaler } from './kinds/autoscaling.ts';
import { certificateSigningRequest } from './kinds/certificates.ts';
import { configMap } from './kinds/config-map.ts';
import { cronJob } from './kinds/cron-job.ts';
import { daemonSet } from './kinds/daemon-set.ts';
import { deployment } from './kinds/deployment.ts';
import { endpointSlice } from './kinds/endpoint-slice.ts';
import { endpoints } from './kinds/endpoints.ts';
import { event } from './kinds/event.ts';
import { eventsV1Event } from './kinds/events-v1.ts';
import { apiService, customResourceDefinition } from './kinds/extension.ts';
import { flowSchema, priorityLevelConfiguration } from './kinds/flow-control.ts';
import { job } from './kinds/job.ts';
import { lease } from './kinds/lease.ts';
import { namespace } from './kinds/namespace.ts';
import { ingress, ingressClass, networkPolicy } from './kinds/networking.ts';
import { node } from './kinds/node.ts';
import { persistentVolume } from './kinds/persistent-volume.ts';
import { persistentVolumeClaim } from './kinds/persistent-volume-claim.ts';
import { pod } from './kinds/pod.ts';
import { podTemplate } from './kinds/pod-template.ts';
import { limitRange, podDisruptionBudget, priorityClass, resourceQuota } from './kinds/policy.ts';
import { clusterRole, clusterRoleBinding, role, roleBinding } from './kinds/rbac.ts';
import { replicaSet } from './kinds/replica-set.ts';
import { replicationController } from './kinds/replication-controller.ts';
import { secret } from './kinds/secret.ts';
import { service } from './kinds/service.ts';
import { serviceAccount } from './kinds/service-account.ts';
import { statefulSet } from './kinds/stateful-set.ts';
import { csiDriver, storageClass, volumeAttachment } from './kinds/storage.ts';
import {
  mutatingWebhookConfiguration,
  validatingAdmissionPolicy,
  validatingAdmissionPolicyBinding,
  validatingWebhookConfiguration,
} from './kinds/webhooks.ts';
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
  '/podtemplates': podTemplate,
  '/limitranges': limitRange,
  '/resourcequotas': resourceQuota,
  'events.k8s.io/events': eventsV1Event,
  'autoscaling/horizontalpodautoscalers': horizontalPodAutoscaler,
  'networking.k8s.io/ingresses': ingress,
  'networking.k8s.io/ingressclasses': ingressClass,
  'networking.k8s.io/networkpolicies': networkPolicy,
  'policy/poddisruptionbudgets': podDisruptionBudget,
  'scheduling.k8s.io/priorityclasses': priorityClass,
  'storage.k8s.io/storageclasses': storageClass,
  'storage.k8s.io/csidrivers': csiDriver,
  'storage.k8s.io/volumeattachments': volumeAttachment,
  'certificates.k8s.io/certificatesigningrequests': certificateSigningRequest,
  'apiextensions.k8s.io/customresourcedefinitions': customResourceDefinition,
  'apiregistration.k8s.io/apiservices': apiService,
  'flowcontrol.apiserver.k8s.io/flowschemas': flowSchema,
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': priorityLevelConfiguration,
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': mutatingWebhookConfiguration,
  'admissionregistration.k8s.io/validatingwebhookconfigurations': validatingWebhookConfiguration,
  'admissionregistration.k8s.io/validatingadmissionpolicies': validatingAdmissionPolicy,
  'admissionregistration.k8s.io/validatingadmissionpolicybindings': validatingAdmissionPolicyBinding,
};

const none: Strategy = {};

export function strategyFor(group: string, resource: string): Strategy<KubeObject> {
  return strategies[`${group}/${resource}`] ?? none;
}
