/**
 * Upstream's feature gates at v1.36 with their stages and defaults: facts of `kube_features.go`. Kybern implements the
 * defaults; `feature-gates.ts` lists the gates that can be switched.
 */

/** As upstream's metric of feature gates spells it: a generally available feature has none. */
export type FeatureStage = '' | 'ALPHA' | 'BETA' | 'DEPRECATED';

interface FeatureGate {
  readonly name: string;
  readonly stage: FeatureStage;
  readonly isOnByDefault: boolean;
}

const byStage: readonly (readonly [FeatureStage, isOnByDefault: boolean, names: string])[] = [
  [
    '',
    true,
    'APIServerTracing AllowServiceExternalIPs AnonymousAuthConfigurableEndpoints ' +
      'AnyVolumeDataSource AuthorizeNodeWithSelectors AuthorizeWithSelectors BtreeWatchCache ' +
      'CPUManagerPolicyOptions CRDValidationRatcheting CSIServiceAccountTokenSecrets ' +
      'ConsistentListFromCache CustomCPUCFSQuotaPeriod CustomResourceFieldSelectors DRAAdminAccess ' +
      'DRAPrioritizedList DeclarativeValidation DisableAllocatorDualWrite DynamicResourceAllocation ' +
      'ExecProbeTimeout ExternalServiceAccountTokenSigner ImageMaximumGCAge ImageVolume ' +
      'InOrderInformers InPlacePodVerticalScaling InformerResourceVersion JobBackoffLimitPerIndex ' +
      'JobManagedBy JobPodReplacementPolicy JobSuccessPolicy KubeletCgroupDriverFromCRI ' +
      'KubeletFineGrainedAuthz KubeletPSI KubeletPodResourcesDynamicResources KubeletPodResourcesGet ' +
      'KubeletTracing LogarithmicScaleDown MatchLabelKeysInPodAffinity MultiCIDRServiceAllocator ' +
      'MutableCSINodeAllocatableCount MutatingAdmissionPolicy NFTablesProxyMode ' +
      'NodeInclusionPolicyInPodTopologySpread NodeLogQuery NodeSwap OrderedNamespaceDeletion ' +
      'PodLifecycleSleepAction PodLifecycleSleepActionAllowZero PodObservedGenerationTracking ' +
      'PodSchedulingReadiness PreferSameTrafficDistribution ProcMountType ' +
      'RecoverVolumeExpansionFailure RecursiveReadOnlyMounts RelaxedDNSSearchValidation ' +
      'RelaxedEnvironmentVariableValidation ResilientWatchCacheInitialization RetryGenerateName ' +
      'SELinuxChangePolicy SELinuxMountReadWriteOncePod SchedulerQueueingHints ' +
      'SeparateTaintEvictionController ServiceAccountTokenJTI ServiceAccountTokenNodeBinding ' +
      'ServiceAccountTokenNodeBindingValidation ServiceAccountTokenPodNodeInfo SidecarContainers ' +
      'StreamingCollectionEncodingToJSON StreamingCollectionEncodingToProtobuf ' +
      'StructuredAuthenticationConfiguration SupplementalGroupsPolicy SystemdWatchdog ' +
      'TopologyManagerPolicyOptions UserNamespacesSupport VolumeAttributesClass WinDSR WinOverlay',
  ],
  [
    'BETA',
    true,
    'APIResponseCompression APIServerIdentity AllowParsingUserUIDFromCertAuth AtomicFIFO ' +
      'AuthorizePodWebsocketUpgradeCreatePermission CPUManagerPolicyBetaOptions ' +
      'CRDObservedGenerationTracking ClearingNominatedNodeNameAfterBinding ClientsAllowCARotation ' +
      'ClientsAllowTLSCacheGC ComponentFlagz ComponentStatusz ConstrainedImpersonation ' +
      'ContainerCheckpoint ContainerRestartRules DRAConsumableCapacity DRADeviceBindingConditions ' +
      'DRADeviceTaints DRAExtendedResource DRAPartitionableDevices DRAResourceClaimDeviceStatus ' +
      'DRAResourceClaimGranularStatusAuthorization DRASchedulerFilterTimeout ' +
      'DeclarativeValidationBeta DeploymentReplicaSetTerminatingReplicas DetectCacheInconsistency ' +
      'EnvFiles ExtendWebSocketsToKubelet GracefulNodeShutdown GracefulNodeShutdownBasedOnPodPriority ' +
      'HPAConfigurableTolerance HostnameOverride InOrderInformersBatchProcess ' +
      'InPlacePodLevelResourcesVerticalScaling InPlacePodVerticalScalingInitContainers ' +
      'KubeletCrashLoopBackOffMax KubeletEnsureSecretPulledImages KubeletSeparateDiskGC ' +
      'KubeletServiceAccountTokenForCredentialProviders ListFromCacheSnapshot ' +
      'MatchLabelKeysInPodTopologySpread MatchLabelKeysInPodTopologySpreadSelectorMerge ' +
      'MutablePodResourcesForSuspendedJobs MutableSchedulingDirectivesForSuspendedJobs ' +
      'NodeDeclaredFeatures NominatedNodeNameForExpectation OpenAPIEnums OpportunisticBatching ' +
      'PLEGOnDemandRelist PodDeletionCost PodLevelResources PodReadyToStartContainersCondition ' +
      'PodTopologyLabelsAdmission PortForwardWebsockets PreventStaticPodAPIReferences ' +
      'RelaxedServiceNameValidation ReloadKubeletClientCAFile ReloadKubeletServerCertificateFile ' +
      'RemoteRequestHeaderUID ResourceHealthStatus ResourceHealthStatusMessage ' +
      'RestartAllContainersOnContainerExits RotateKubeletServerCertificate SchedulerAsyncPreemption ' +
      'SchedulerPopFromBackoffQ ServiceAccountNodeAudienceRestriction SizeBasedListCostEstimate ' +
      'StaleControllerConsistencyDaemonSet StaleControllerConsistencyJob ' +
      'StaleControllerConsistencyReplicaSet StaleControllerConsistencyStatefulSet ' +
      'StatefulSetSemanticRevisionComparison StorageVersionHash StrictIPCIDRValidation ' +
      'StructuredAuthenticationConfigurationEgressSelector ' +
      'StructuredAuthenticationConfigurationJWKSMetrics TokenRequestServiceAccountUIDValidation ' +
      'TopologyManagerPolicyBetaOptions TranslateStreamCloseWebsocketRequests ' +
      'UnauthenticatedHTTP2DOSMitigation UnknownVersionInteroperabilityProxy ' +
      'UnlockWhileProcessingFIFO WatchCacheInitializationPostStartHook WatchList WatchListClient ' +
      'WindowsGracefulNodeShutdown',
  ],
  [
    'BETA',
    false,
    'ClusterTrustBundle ClusterTrustBundleProjection ConcurrentWatchObjectDecode ' +
      'CoordinatedLeaderElection DRADeviceTaintRules LocalStorageCapacityIsolationFSQuotaMonitoring ' +
      'MaxUnavailableStatefulSet PodCertificateRequest SELinuxMount SchedulerAsyncAPICalls ' +
      'StorageVersionMigrator',
  ],
  [
    'ALPHA',
    false,
    'APIServingWithRoutine AllowUnsafeMalformedObjectDeletion CBORServingAndStorage ' +
      'CPUManagerPolicyAlphaOptions CRIListStreaming CSIVolumeHealth ClientsAllowCBOR ' +
      'ClientsPreferCBOR CloudControllerManagerWatchBasedRoutesReconciliation ' +
      'CloudControllerManagerWebhook ContainerStopSignals ' +
      'ControllerManagerReleaseLeaderElectionLockOnExit CrossNamespaceVolumeDataSource ' +
      'DRAListTypeAttributes DRANodeAllocatableResources DRAResourcePoolStatus ' +
      'DRAWorkloadResourceClaims EventedPLEG GangScheduling GenericWorkload HPAScaleToZero ' +
      'ImageVolumeWithDigest InPlacePodVerticalScalingExclusiveCPUs ' +
      'InPlacePodVerticalScalingExclusiveMemory KubeletInUserNamespace ' +
      'ManifestBasedAdmissionControlConfig MemoryQoS MutablePVNodeAffinity ' +
      'PersistentVolumeClaimUnusedSinceTime PodAndContainerStatsFromCRI PodLevelResourceManagers ' +
      'PodLogsQuerySplitStreams PodsAPI QOSReserved ReduceDefaultCrashLoopBackOffDecay ' +
      'RuntimeClassInImageCriApi ShardedListAndWatch StorageCapacityScoring StorageVersionAPI ' +
      'TaintTolerationComparisonOperators TopologyAwareWorkloadScheduling ' +
      'TopologyManagerPolicyAlphaOptions UserNamespacesHostNetworkSupport VolumeLimitScaling ' +
      'WindowsCPUAndMemoryAffinity WorkloadAwarePreemption WorkloadWithJob',
  ],
  [
    'DEPRECATED',
    true,
    'AggregatedDiscoveryRemoveBetaType DisableCPUQuotaWithExclusiveCPUs DisableNodeKubeProxyVersion ' +
      'KubeletPodResourcesListUseActivePods ServiceCIDRStatusFieldWiping StorageNamespaceIndex',
  ],
  [
    'DEPRECATED',
    false,
    'AllowDNSOnlyNodeCSR AllowInsecureKubeletCertificateSigningRequests ' +
      'AllowOverwriteTerminationGracePeriodSeconds ChangeContainerStatusOnKubeletRestart ' +
      'DeclarativeValidationTakeover GitRepoVolumeDriver KMSv1 KubeletRegistrationGetOnExistsOnly ' +
      'SeparateCacheWatchRPC WindowsHostNetwork',
  ],
];

export const featureGates: readonly FeatureGate[] = byStage.flatMap(([stage, isOnByDefault, names]) =>
  names.split(' ').map((name) => ({ name, stage, isOnByDefault })),
);

/** By name, the default. */
export const featureGateDefaults: ReadonlyMap<string, boolean> = new Map(
  featureGates.map(({ name, isOnByDefault }) => [name, isOnByDefault]),
);
