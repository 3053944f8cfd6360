/** The explicit list of the kinds that are built in, group by group. */

import type { Kind } from '../kind/define-kind.ts';
import { groupResource, type ResourceType } from '../meta/resource.ts';
import { controllerRevision } from './apps/controller-revision.ts';
import { daemonSet } from './apps/daemon-set.ts';
import { deployment } from './apps/deployment.ts';
import { replicaSet } from './apps/replica-set.ts';
import { replicationController } from './apps/replication-controller.ts';
import { statefulSet } from './apps/stateful-set.ts';
import {
  horizontalPodAutoscaler,
  horizontalPodAutoscalerV1,
} from './autoscaling/horizontal-pod-autoscaler.ts';
import { cronJob } from './batch/cron-job.ts';
import { job } from './batch/job.ts';
import { certificateSigningRequest } from './certificates/certificate-signing-request.ts';
import { lease } from './coordination/lease.ts';
import { binding } from './core/binding.ts';
import { componentStatus } from './core/component-status.ts';
import { configMap } from './core/config-map.ts';
import { limitRange } from './core/limit-range.ts';
import { namespace } from './core/namespace.ts';
import { resourceQuota } from './core/resource-quota.ts';
import { secret } from './core/secret.ts';
import { serviceAccount } from './core/service-account.ts';
import { event } from './events/event.ts';
import { eventsV1Event } from './events/events-v1.ts';
import {
  mutatingAdmissionPolicy,
  mutatingAdmissionPolicyBinding,
  validatingAdmissionPolicy,
  validatingAdmissionPolicyBinding,
} from './extensions/admission-policies.ts';
import { apiService } from './extensions/api-service.ts';
import { customResourceDefinition } from './extensions/custom-resource-definition.ts';
import {
  mutatingWebhookConfiguration,
  validatingWebhookConfiguration,
} from './extensions/webhook-configurations.ts';
import { flowSchema } from './flowcontrol/flow-schema.ts';
import { priorityLevelConfiguration } from './flowcontrol/priority-level-configuration.ts';
import { ingress } from './networking/ingress.ts';
import { ingressClass } from './networking/ingress-class.ts';
import { ipAddress } from './networking/ip-address.ts';
import { networkPolicy } from './networking/network-policy.ts';
import { serviceCidr } from './networking/service-cidr.ts';
import { node } from './nodes/node.ts';
import { runtimeClass } from './nodes/runtime-class.ts';
import { pod } from './pods/pod.ts';
import { podTemplate } from './pods/template.ts';
import { podDisruptionBudget } from './policy/pod-disruption-budget.ts';
import { clusterRole, role } from './rbac/role.ts';
import { clusterRoleBinding, roleBinding } from './rbac/role-binding.ts';
import { deviceClass } from './resource/device-class.ts';
import { resourceClaim } from './resource/resource-claim.ts';
import { resourceClaimTemplate } from './resource/resource-claim-template.ts';
import { resourceSlice } from './resource/resource-slice.ts';
import { selfSubjectReview, tokenReview } from './reviews/authentication.ts';
import {
  localSubjectAccessReview,
  selfSubjectAccessReview,
  selfSubjectRulesReview,
  subjectAccessReview,
} from './reviews/authorization.ts';
import { priorityClass } from './scheduling/priority-class.ts';
import { endpointSlice } from './services/endpoint-slice.ts';
import { endpoints } from './services/endpoints.ts';
import { service } from './services/service.ts';
import { csiDriver } from './storage/csi-driver.ts';
import { csiNode } from './storage/csi-node.ts';
import { csiStorageCapacity } from './storage/csi-storage-capacity.ts';
import { persistentVolume } from './storage/persistent-volume.ts';
import { persistentVolumeClaim } from './storage/persistent-volume-claim.ts';
import { storageClass } from './storage/storage-class.ts';
import { volumeAttachment } from './storage/volume-attachment.ts';
import { volumeAttributesClass } from './storage/volume-attributes-class.ts';

export const kinds: readonly Kind[] = [
  // core
  binding,
  componentStatus,
  configMap,
  secret,
  endpoints,
  event,
  eventsV1Event,
  limitRange,
  namespace,
  node,
  podTemplate,
  pod,
  replicationController,
  resourceQuota,
  serviceAccount,
  service,
  persistentVolumeClaim,
  persistentVolume,
  // apps, batch
  controllerRevision,
  daemonSet,
  deployment,
  replicaSet,
  statefulSet,
  cronJob,
  job,
  // autoscaling, policy
  horizontalPodAutoscaler,
  horizontalPodAutoscalerV1,
  podDisruptionBudget,
  // discovery, coordination
  endpointSlice,
  lease,
  // networking
  ingressClass,
  ingress,
  ipAddress,
  networkPolicy,
  serviceCidr,
  // rbac
  roleBinding,
  clusterRoleBinding,
  role,
  clusterRole,
  // storage
  csiDriver,
  csiNode,
  csiStorageCapacity,
  storageClass,
  volumeAttachment,
  volumeAttributesClass,
  // resource
  deviceClass,
  resourceClaimTemplate,
  resourceClaim,
  resourceSlice,
  // scheduling, node, certificates
  priorityClass,
  runtimeClass,
  certificateSigningRequest,
  // authentication, authorization
  tokenReview,
  selfSubjectReview,
  subjectAccessReview,
  localSubjectAccessReview,
  selfSubjectAccessReview,
  selfSubjectRulesReview,
  // admissionregistration
  validatingAdmissionPolicy,
  validatingAdmissionPolicyBinding,
  mutatingAdmissionPolicy,
  mutatingAdmissionPolicyBinding,
  mutatingWebhookConfiguration,
  validatingWebhookConfiguration,
  // apiextensions, apiregistration
  customResourceDefinition,
  apiService,
  // flowcontrol
  flowSchema,
  priorityLevelConfiguration,
];

/** Resources by their names in errors and quotas: `pods`, `deployments.apps`. */
export const builtInResources: ReadonlySet<string> = new Set(kinds.map(({ type }) => groupResource(type)));

const byType = new Map(kinds.map((kind) => [nameOf(kind.type), kind]));

/** Throws for a type that is not built in. */
export function kindOf(type: TypeName): Kind {
  const kind = byType.get(nameOf(type));
  if (!kind) throw new Error(`no built-in kind: ${nameOf(type)}`);
  return kind;
}

type TypeName = Pick<ResourceType, 'group' | 'version' | 'resource'>;

function nameOf({ group, version, resource }: TypeName): string {
  return `${group}/${version}/${resource}`;
}
