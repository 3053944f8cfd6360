/** The built-in admission plugins, in the order that upstream recommends. */

import type { Env } from '#base/env.ts';
import type { RuleResolver } from '../authz/rbac.ts';
import type { AdmissionPlugin } from '../contract/admission.ts';
import type { Authorizer } from '../contract/authorization.ts';
import type { ServerClient } from '../contract/server-client.ts';
import type { ObjectReader } from '../contract/stored-objects.ts';
import type { Resources } from '../registry/resources.ts';
import { certificateApproval } from './certificates/approval.ts';
import { certificateSigning } from './certificates/signing.ts';
import { certificateSubjectRestriction } from './certificates/subject-restriction.ts';
import { defaultIngressClass } from './classes/default-ingress-class.ts';
import { defaultStorageClass } from './classes/default-storage-class.ts';
import type { AdmissionSettings } from './configuration/settings.ts';
import { namespaceAutoProvision } from './namespaces/namespace-auto-provision.ts';
import { namespaceExists } from './namespaces/namespace-exists.ts';
import { namespaceLifecycle } from './namespaces/namespace-lifecycle.ts';
import { nodeRestriction } from './node-restriction/node-restriction.ts';
import { alwaysDeny } from './off-by-default/always-deny.ts';
import { alwaysPullImages } from './off-by-default/always-pull-images.ts';
import { denyServiceExternalIps } from './off-by-default/deny-service-external-ips.ts';
import { eventRateLimit } from './off-by-default/event-rate-limit.ts';
import { extendedResourceToleration } from './off-by-default/extended-resource-toleration.ts';
import { imagePolicyWebhook } from './off-by-default/image-policy-webhook.ts';
import { limitPodHardAntiAffinityTopology } from './off-by-default/limit-pod-hard-anti-affinity-topology.ts';
import { ownerReferencesPermissionEnforcement } from './off-by-default/owner-references-permission-enforcement.ts';
import { podNodeSelector } from './off-by-default/pod-node-selector.ts';
import { podTolerationRestriction } from './off-by-default/pod-toleration-restriction.ts';
import type { PodSecurityMetrics } from './pod-security/metrics.ts';
import { podSecurity } from './pod-security/pod-security.ts';
import { defaultTolerationSeconds } from './pods/default-toleration-seconds.ts';
import { limitRanger } from './pods/limit-ranger.ts';
import { nodeDeclaredFeatures } from './pods/node-declared-features.ts';
import { podResizeValidator } from './pods/pod-resize-validator.ts';
import { podTopologyLabels } from './pods/pod-topology-labels.ts';
import { priority } from './pods/priority.ts';
import { runtimeClass } from './pods/runtime-class.ts';
import { serviceAccount } from './pods/service-account.ts';
import { mutatingAdmissionPolicy } from './policies/mutating/mutating-admission-policy.ts';
import type { PolicyMetrics } from './policies/policy-metrics.ts';
import { validatingAdmissionPolicy } from './policies/validating/validating-admission-policy.ts';
import { resourceQuota } from './quota/resource-quota.ts';
import { taintNodesByCondition } from './taint-nodes-by-condition.ts';
import { persistentVolumeClaimResize } from './volumes/persistent-volume-claim-resize.ts';
import { storageObjectInUseProtection } from './volumes/storage-object-in-use-protection.ts';
import { mutatingWebhooks } from './webhooks/mutating-webhooks.ts';
import { validatingWebhooks } from './webhooks/validating-webhooks.ts';

export interface AdmissionOptions {
  readonly env: Env;
  readonly reader: ObjectReader;
  readonly serverClient: ServerClient;
  readonly resources: Resources;
  readonly authorizer: Authorizer;
  readonly resolver: RuleResolver;
  readonly policyMetrics: PolicyMetrics;
  readonly podSecurityMetrics: PodSecurityMetrics;
  readonly settings: AdmissionSettings;
  readonly webhooks: Parameters<typeof mutatingWebhooks>[0];
}

/** The plugins that are switched on. */
export function admissionPlugins(options: AdmissionOptions): readonly AdmissionPlugin[] {
  return allPlugins(options).filter(({ name }) => options.settings.isOn(name));
}

function allPlugins(options: AdmissionOptions): readonly AdmissionPlugin[] {
  const { env, reader, serverClient, webhooks, policyMetrics, settings } = options;
  const policies = { ...options, clock: env.clock, metrics: policyMetrics };
  return [
    namespaceAutoProvision(reader, serverClient),
    ...namespaceLifecycle(reader),
    namespaceExists(reader),
    limitPodHardAntiAffinityTopology,
    ...limitRanger(reader),
    ...serviceAccount(options),
    nodeRestriction(reader, options.authorizer),
    taintNodesByCondition,
    alwaysPullImages,
    ...(settings.imagePolicy
      ? [imagePolicyWebhook({ env, client: webhooks.client }, settings.imagePolicy)]
      : []),
    ...podSecurity(reader, settings.podSecurity, options.podSecurityMetrics),
    podNodeSelector(reader, settings.nodeSelectors),
    ...priority(reader),
    defaultTolerationSeconds(settings.tolerationSeconds),
    podTolerationRestriction(reader, settings.tolerationLimits),
    eventRateLimit(env.clock, settings.eventLimits),
    extendedResourceToleration,
    defaultStorageClass(reader),
    storageObjectInUseProtection,
    ownerReferencesPermissionEnforcement(options.authorizer, options.resources),
    persistentVolumeClaimResize(reader),
    runtimeClass(reader),
    certificateApproval(options.authorizer),
    certificateSigning(options.authorizer),
    certificateSubjectRestriction,
    defaultIngressClass(reader),
    denyServiceExternalIps,
    podTopologyLabels(reader),
    nodeDeclaredFeatures(reader),
    podResizeValidator(reader),
    mutatingAdmissionPolicy(policies),
    mutatingWebhooks(webhooks),
    validatingAdmissionPolicy(policies),
    validatingWebhooks(webhooks),
    resourceQuota(options),
    alwaysDeny,
  ];
}
