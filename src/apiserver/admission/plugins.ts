/** The built-in admission plugins in upstream's order; each only looks at the resources it names. */

import type { Env } from '#base/env.ts';
import { rbacEscalationCheck } from '../authz/escalation.ts';
import type { RuleResolver } from '../authz/rbac.ts';
import type { AdmissionPlugin, Authorizer, ObjectFeed, ObjectReader } from '../contract.ts';
import { certificateApproval } from './certificate-approval.ts';
import { certificateSigning } from './certificate-signing.ts';
import { certificateSubjectRestriction } from './certificate-subject-restriction.ts';
import { defaultIngressClass } from './default-ingress-class.ts';
import { defaultStorageClass } from './default-storage-class.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { limitRanger } from './limit-ranger.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { nodeDeclaredFeatures } from './node-declared-features.ts';
import { nodeRestriction } from './node-restriction.ts';
import { persistentVolumeClaimResize } from './persistent-volume-claim-resize.ts';
import { podResizeValidator } from './pod-resize-validator.ts';
import { podSecurity } from './pod-security.ts';
import { podTopologyLabels } from './pod-topology-labels.ts';
import { priority } from './priority.ts';
import { QuotaLedgers } from './quota-ledgers.ts';
import { resourceQuota } from './resource-quota.ts';
import { runtimeClass } from './runtime-class.ts';
import { serviceAccount } from './service-account.ts';
import { storageObjectInUseProtection } from './storage-object-in-use-protection.ts';
import { taintNodesByCondition } from './taint-nodes-by-condition.ts';

export interface AdmissionOptions {
  readonly env: Env;
  readonly reader: ObjectReader;
  readonly feed: ObjectFeed;
  readonly authorizer: Authorizer;
  readonly resolver: RuleResolver;
}

export function admissionPlugins(options: AdmissionOptions): readonly AdmissionPlugin[] {
  const { reader } = options;
  return [
    namespaceLifecycle(reader),
    limitRanger(reader),
    serviceAccount(options),
    nodeRestriction(reader),
    taintNodesByCondition,
    podSecurity(reader),
    priority(reader),
    defaultTolerationSeconds,
    defaultStorageClass(reader),
    storageObjectInUseProtection,
    persistentVolumeClaimResize(reader),
    runtimeClass(reader),
    certificateApproval(options.authorizer),
    certificateSigning(options.authorizer),
    certificateSubjectRestriction,
    defaultIngressClass(reader),
    podTopologyLabels(reader),
    nodeDeclaredFeatures(reader),
    podResizeValidator(reader),
    // Upstream checks this in the storage of the RBAC kinds, after all admission but the quota.
    rbacEscalationCheck(options),
    resourceQuota(reader, new QuotaLedgers(options.feed, options.env.clock)),
  ];
}
