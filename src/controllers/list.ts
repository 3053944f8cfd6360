/** Every controller there is: those that need nothing of their cluster, and with them those that do. */

import { type FeatureGates, isEnabled } from '#api/configuration/feature-gates.ts';
import type { ControllerDefinition } from '#client/controllers/controller.ts';
import { type AutoscalerOptions, horizontalPodAutoscaler } from './autoscaling/horizontal-pod-autoscaler.ts';
import { csrApproving } from './certificates/approving.ts';
import type { CertificateAuthority } from './certificates/authority.ts';
import { csrCleaner } from './certificates/cleaner.ts';
import { servingApproving } from './certificates/serving-approving.ts';
import { csrSigning } from './certificates/signing.ts';
import type { CloudProvider } from './cloud/cloud-provider.ts';
import { serviceController } from './cloud/load-balancers/service.ts';
import { disruption } from './disruption/disruption.ts';
import { staleDisruption } from './disruption/stale-disruption.ts';
import { garbageCollector } from './garbage-collector/garbage-collector.ts';
import { clusterRoleAggregation } from './namespaces/cluster-role-aggregation.ts';
import { namespaceController } from './namespaces/namespace.ts';
import { resourceQuota } from './namespaces/resource-quota.ts';
import { rootCaPublisher } from './namespaces/root-ca.ts';
import { serviceAccount } from './namespaces/service-account.ts';
import { nodeIpam } from './nodes/node-ipam.ts';
import { nodeLifecycle } from './nodes/node-lifecycle.ts';
import { podGc } from './nodes/pod-gc.ts';
import { taintEviction } from './nodes/taint-eviction.ts';
import { ttl } from './nodes/ttl.ts';
import { validatingAdmissionPolicyStatus } from './policies/validating-admission-policy-status.ts';
import type { ClaimMetrics } from './resource-claims/claim-metrics.ts';
import { claimRelease } from './resource-claims/claim-release.ts';
import { deviceTaintEviction } from './resource-claims/device-taint-eviction.ts';
import { podClaims } from './resource-claims/pod-claims.ts';
import { dnsEndpointSlice } from './services/dns-endpoint-slice.ts';
import { endpointSlice } from './services/endpoint-slice.ts';
import { endpointSliceMirroring } from './services/endpoint-slice-mirroring.ts';
import { endpoints } from './services/endpoints.ts';
import { serviceCidr } from './services/service-cidr.ts';
import { bootstrapSigner } from './tokens/bootstrap-signer.ts';
import { legacyTokenCleaner } from './tokens/legacy-token-cleaner.ts';
import { serviceAccountTokens, type TokenFacts } from './tokens/service-account-tokens.ts';
import { tokenCleaner } from './tokens/token-cleaner.ts';
import { attachDetach } from './volumes/attach-detach/attach-detach.ts';
import { persistentVolumeBinder } from './volumes/binder/binder.ts';
import { ephemeralVolume } from './volumes/ephemeral-volume.ts';
import { expand } from './volumes/expand.ts';
import { pvProtection } from './volumes/pv-protection.ts';
import { pvcProtection } from './volumes/pvc-protection.ts';
import { type DeletePath, persistentVolumeReclaimer } from './volumes/reclaim/reclaimer.ts';
import { vacProtection } from './volumes/vac-protection.ts';
import type { VolumeCounts } from './volumes/volume-counts.ts';
import { cronJob } from './workloads/cron-job/cron-job.ts';
import { daemonSet } from './workloads/daemon-set/daemon-set.ts';
import { deployment } from './workloads/deployment/deployment.ts';
import { job } from './workloads/job/job.ts';
import { ttlAfterFinished } from './workloads/job/ttl-after-finished.ts';
import { replicaSet } from './workloads/replica-set/replica-set.ts';
import { replicationController } from './workloads/replica-set/replication-controller.ts';
import { statefulSet } from './workloads/stateful-set/stateful-set.ts';

export const controllers: readonly ControllerDefinition[] = [
  bootstrapSigner,
  claimRelease,
  clusterRoleAggregation,
  cronJob,
  csrCleaner,
  daemonSet,
  deployment,
  deviceTaintEviction,
  disruption,
  dnsEndpointSlice,
  endpoints,
  endpointSlice,
  endpointSliceMirroring,
  ephemeralVolume,
  expand,
  garbageCollector,
  job,
  legacyTokenCleaner,
  namespaceController,
  nodeLifecycle,
  persistentVolumeBinder,
  podGc,
  pvProtection,
  pvcProtection,
  replicaSet,
  replicationController,
  resourceQuota,
  serviceAccount,
  serviceCidr,
  staleDisruption,
  statefulSet,
  taintEviction,
  tokenCleaner,
  ttl,
  ttlAfterFinished,
  vacProtection,
  validatingAdmissionPolicyStatus,
];

export interface ClusterFacts {
  /** Of the certificate authority that pods trust, PEM. */
  readonly caPem: string;
  /** Makes the tokens of ServiceAccounts that Secrets hold. */
  readonly tokens: TokenFacts['tokens'];
  /** The cluster's range of pod addresses, from which each node gets its part. */
  readonly podRange: string;
  /** For approved signing requests. */
  readonly authority: CertificateAuthority;
  /** Deletes what a released volume has stored on the node of this machine. */
  readonly deletePath: DeletePath;
  readonly claimMetrics: ClaimMetrics;
  readonly volumeCounts: VolumeCounts;
  /** Arguments and metrics of the controller of HorizontalPodAutoscalers. */
  readonly autoscaler: AutoscalerOptions;
  readonly featureGates?: FeatureGates | undefined;
  /** How long signed certificates live at most. Default a year. */
  readonly signingMs?: number | undefined;
  /** Default: none. */
  readonly cloud?: CloudProvider | undefined;
}

export function controllersOf({
  caPem,
  tokens,
  podRange,
  authority,
  deletePath,
  claimMetrics,
  volumeCounts,
  autoscaler,
  featureGates,
  signingMs,
  cloud,
}: ClusterFacts): readonly ControllerDefinition[] {
  return [
    ...controllers,
    horizontalPodAutoscaler({ ...autoscaler, scalesToZero: isEnabled(featureGates, 'HPAScaleToZero') }),
    rootCaPublisher(caPem),
    serviceAccountTokens({ tokens, caPem }),
    nodeIpam(podRange),
    podClaims(claimMetrics),
    attachDetach(volumeCounts),
    csrApproving(authority),
    servingApproving(authority),
    csrSigning(authority, signingMs),
    persistentVolumeReclaimer(deletePath),
    ...(cloud?.loadBalancers ? [serviceController(cloud.loadBalancers)] : []),
  ];
}
