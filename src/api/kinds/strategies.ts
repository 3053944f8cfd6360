/** The explicit list: which kind has what of its own. What has no rules of its own is checked by its schema alone. */

import type { KubeObject } from '../meta/object.ts';
import {
  type MetaRules,
  type NameRule,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../meta/validation.ts';
import { loadSchema } from '../schema/load-schema.ts';
import type { ResourceDef } from '../schema/schema.ts';
import { validateStructure } from '../validation/structural.ts';
import { dns1123Label, dns1123Subdomain, pathSegmentName } from '../validation/validators.ts';
import { controllerRevision } from './apps/controller-revision.ts';
import { daemonSet } from './apps/daemon-set.ts';
import { deployment } from './apps/deployment.ts';
import { replicaSet } from './apps/replica-set.ts';
import { replicationController } from './apps/replication-controller.ts';
import { statefulSet } from './apps/stateful-set.ts';
import { horizontalPodAutoscaler } from './autoscaling/autoscaling.ts';
import { cronJob } from './batch/cron-job.ts';
import { job } from './batch/job.ts';
import { certificateSigningRequest } from './certificates/certificates.ts';
import { lease } from './coordination/lease.ts';
import { configMap } from './core/config-map.ts';
import { limitRange } from './core/limit-range.ts';
import { namespace } from './core/namespace.ts';
import { resourceQuota } from './core/resource-quota.ts';
import { secret } from './core/secret.ts';
import { serviceAccount } from './core/service-account.ts';
import { event } from './events/event.ts';
import { eventsV1Event } from './events/events-v1.ts';
import { apiService, customResourceDefinition } from './extensions/extension.ts';
import {
  mutatingWebhookConfiguration,
  validatingAdmissionPolicy,
  validatingAdmissionPolicyBinding,
  validatingWebhookConfiguration,
} from './extensions/webhooks.ts';
import { flowSchema, priorityLevelConfiguration } from './flowcontrol/flow-control.ts';
import { ingress, ingressClass, networkPolicy } from './networking/networking.ts';
import { node } from './nodes/node.ts';
import { runtimeClass } from './nodes/runtime-class.ts';
import { pod } from './pods/pod.ts';
import { podTemplate } from './pods/template.ts';
import { podDisruptionBudget } from './policy/pod-disruption-budget.ts';
import { clusterRole, clusterRoleBinding, role, roleBinding } from './rbac/rbac.ts';
import { resourceSlice } from './resource/resource-slice.ts';
import { priorityClass } from './scheduling/priority-class.ts';
import { endpointSlice } from './services/endpoint-slice.ts';
import { endpoints } from './services/endpoints.ts';
import { service } from './services/service.ts';
import { dropStatus, keepStatus } from './shared/status-handling.ts';
import type { Strategy } from './shared/strategy.ts';
import { persistentVolume } from './storage/persistent-volume.ts';
import { persistentVolumeClaim } from './storage/persistent-volume-claim.ts';
import { csiDriver, storageClass, volumeAttachment } from './storage/storage.ts';

const rbac = 'rbac.authorization.k8s.io';

/** Keys are `group/resource`, group by group. */
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
  '/podtemplates': podTemplate,
  '/limitranges': limitRange,
  '/resourcequotas': resourceQuota,
  'apps/deployments': deployment,
  'apps/replicasets': replicaSet,
  'apps/daemonsets': daemonSet,
  'apps/statefulsets': statefulSet,
  'apps/controllerrevisions': controllerRevision,
  'batch/jobs': job,
  'batch/cronjobs': cronJob,
  'autoscaling/horizontalpodautoscalers': horizontalPodAutoscaler,
  'policy/poddisruptionbudgets': podDisruptionBudget,
  'discovery.k8s.io/endpointslices': endpointSlice,
  'events.k8s.io/events': eventsV1Event,
  'coordination.k8s.io/leases': lease,
  'networking.k8s.io/ingresses': ingress,
  'networking.k8s.io/ingressclasses': ingressClass,
  'networking.k8s.io/networkpolicies': networkPolicy,
  'resource.k8s.io/resourceslices': resourceSlice,
  [`${rbac}/roles`]: role,
  [`${rbac}/clusterroles`]: clusterRole,
  [`${rbac}/rolebindings`]: roleBinding,
  [`${rbac}/clusterrolebindings`]: clusterRoleBinding,
  'storage.k8s.io/storageclasses': storageClass,
  'storage.k8s.io/csidrivers': csiDriver,
  'storage.k8s.io/volumeattachments': volumeAttachment,
  'scheduling.k8s.io/priorityclasses': priorityClass,
  'node.k8s.io/runtimeclasses': runtimeClass,
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

/** How names are formed where it is not a DNS subdomain. */
const nameRules: Readonly<Record<string, NameRule>> = {
  '/services': dns1123Label,
  'apps/statefulsets': dns1123Label,
  '/namespaces': dns1123Label,
  // Events of the core group were never held to a form, but their names stand in paths.
  '/events': pathSegmentName,
  [`${rbac}/roles`]: pathSegmentName,
  [`${rbac}/clusterroles`]: pathSegmentName,
  [`${rbac}/rolebindings`]: pathSegmentName,
  [`${rbac}/clusterrolebindings`]: pathSegmentName,
  'batch/cronjobs': (name) => [
    ...dns1123Subdomain(name),
    ...(name.length > 52 ? ['must be no more than 52 characters'] : []),
  ],
  'networking.k8s.io/ipaddresses': pathSegmentName,
};

const notByStatus = ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const;

/** Where a write to `/status` does not change all of the metadata too: only these strategies of upstream take it back. */
const keptByStatus: Readonly<Record<string, Strategy['keptByStatus']>> = {
  'apps/deployments': ['labels'],
  '/pods': ['ownerReferences'],
  'admissionregistration.k8s.io/validatingadmissionpolicies': notByStatus,
  'apiregistration.k8s.io/apiservices': notByStatus,
  'flowcontrol.apiserver.k8s.io/flowschemas': notByStatus,
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': notByStatus,
  'networking.k8s.io/servicecidrs': notByStatus,
  'resource.k8s.io/resourceclaims': notByStatus,
  'storage.k8s.io/volumeattachments': notByStatus,
};

const complete = new Map<string, Strategy>();

/** The strategy of a built-in kind, with the rules that every object's metadata follows. Throws for any other. */
export function strategyFor(group: string, resource: string): Strategy<KubeObject> {
  const key = `${group}/${resource}`;
  let strategy = complete.get(key);
  if (!strategy) {
    // Versions of one kind ask for the same; the first in the schema's order speaks for all.
    const schema = loadSchema();
    const def = schema.resources.find((one) => one.group === group && one.resource === resource);
    if (!def) throw new Error(`no strategy: ${key} is not in the schema`);
    const validate = (object: KubeObject) => validateStructure(schema, def.type, object);
    const rules = { namespaced: def.namespaced, name: nameRules[key] ?? dns1123Subdomain };
    const own = {
      validate,
      ...(strategies[key] ?? usualStrategy(def)),
      keptByStatus: keptByStatus[key] ?? [],
    };
    strategy = withMetadata(own, rules);
    complete.set(key, strategy);
  }
  return strategy;
}

/** Of a kind without a file of its own. */
function usualStrategy({ subresources }: ResourceDef): Strategy {
  const hasStatus = subresources.some(({ name }) => name === 'status');
  return hasStatus ? { prepareForCreate: dropStatus, prepareForUpdate: keepStatus } : {};
}

function withMetadata(strategy: Strategy, rules: MetaRules): Strategy {
  return {
    ...strategy,
    validate: (object) => [
      ...validateObjectMeta(object.metadata, rules),
      ...(strategy.validate?.(object) ?? []),
    ],
    validateUpdate: (object, old) => [
      ...validateObjectMetaUpdate(object.metadata, old.metadata),
      ...(strategy.validateUpdate?.(object, old) ?? strategy.validate?.(object) ?? []),
    ],
    validateStatusUpdate: (object, old) => [
      ...validateObjectMetaUpdate(object.metadata, old.metadata),
      ...(strategy.validateStatusUpdate?.(object, old) ?? []),
    ],
    validateSubresourceUpdate: (subresource, object, old) => {
      const errors = strategy.validateSubresourceUpdate?.(subresource, object, old);
      return errors && [...validateObjectMetaUpdate(object.metadata, old.metadata), ...errors];
    },
  };
}
