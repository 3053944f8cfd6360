/**
 * Upstream's feature gates at v1.36 with their defaults: facts of `kube_features.go`. Kybern implements the defaults;
 * `feature-gates.ts` lists the gates that can be switched.
 */

const onByDefault =
  'APIResponseCompression APIServerIdentity APIServerTracing AggregatedDiscoveryRemoveBetaType ' +
  'AllowParsingUserUIDFromCertAuth AllowServiceExternalIPs AnonymousAuthConfigurableEndpoints ' +
  'AnyVolumeDataSource AtomicFIFO AuthorizeNodeWithSelectors ' +
  'AuthorizePodWebsocketUpgradeCreatePermission AuthorizeWithSelectors BtreeWatchCache ' +
  'CPUManagerPolicyBetaOptions CPUManagerPolicyOptions CRDObservedGenerationTracking ' +
  'CRDValidationRatcheting CSIServiceAccountTokenSecrets ClearingNominatedNodeNameAfterBinding ' +
  'ClientsAllowCARotation ClientsAllowTLSCacheGC ComponentFlagz ComponentStatusz ' +
  'ConsistentListFromCache ConstrainedImpersonation ContainerCheckpoint ContainerRestartRules ' +
  'CustomCPUCFSQuotaPeriod CustomResourceFieldSelectors DRAAdminAccess DRAConsumableCapacity ' +
  'DRADeviceBindingConditions DRADeviceTaints DRAExtendedResource DRAPartitionableDevices ' +
  'DRAPrioritizedList DRAResourceClaimDeviceStatus DRAResourceClaimGranularStatusAuthorization ' +
  'DRASchedulerFilterTimeout DeclarativeValidation DeclarativeValidationBeta ' +
  'DeploymentReplicaSetTerminatingReplicas DetectCacheInconsistency DisableAllocatorDualWrite ' +
  'DisableCPUQuotaWithExclusiveCPUs DisableNodeKubeProxyVersion DynamicResourceAllocation EnvFiles ' +
  'ExecProbeTimeout ExtendWebSocketsToKubelet ExternalServiceAccountTokenSigner GracefulNodeShutdown ' +
  'GracefulNodeShutdownBasedOnPodPriority HPAConfigurableTolerance HostnameOverride ImageMaximumGCAge ' +
  'ImageVolume InOrderInformers InOrderInformersBatchProcess InPlacePodLevelResourcesVerticalScaling ' +
  'InPlacePodVerticalScaling InPlacePodVerticalScalingInitContainers InformerResourceVersion ' +
  'JobBackoffLimitPerIndex JobManagedBy JobPodReplacementPolicy JobSuccessPolicy ' +
  'KubeletCgroupDriverFromCRI KubeletCrashLoopBackOffMax KubeletEnsureSecretPulledImages ' +
  'KubeletFineGrainedAuthz KubeletPSI KubeletPodResourcesDynamicResources KubeletPodResourcesGet ' +
  'KubeletPodResourcesListUseActivePods KubeletSeparateDiskGC ' +
  'KubeletServiceAccountTokenForCredentialProviders KubeletTracing ListFromCacheSnapshot ' +
  'LogarithmicScaleDown MatchLabelKeysInPodAffinity MatchLabelKeysInPodTopologySpread ' +
  'MatchLabelKeysInPodTopologySpreadSelectorMerge MultiCIDRServiceAllocator ' +
  'MutableCSINodeAllocatableCount MutablePodResourcesForSuspendedJobs ' +
  'MutableSchedulingDirectivesForSuspendedJobs MutatingAdmissionPolicy NFTablesProxyMode ' +
  'NodeDeclaredFeatures NodeInclusionPolicyInPodTopologySpread NodeLogQuery NodeSwap ' +
  'NominatedNodeNameForExpectation OpenAPIEnums OpportunisticBatching OrderedNamespaceDeletion ' +
  'PLEGOnDemandRelist PodDeletionCost PodLevelResources PodLifecycleSleepAction ' +
  'PodLifecycleSleepActionAllowZero PodObservedGenerationTracking PodReadyToStartContainersCondition ' +
  'PodSchedulingReadiness PodTopologyLabelsAdmission PortForwardWebsockets ' +
  'PreferSameTrafficDistribution PreventStaticPodAPIReferences ProcMountType ' +
  'RecoverVolumeExpansionFailure RecursiveReadOnlyMounts RelaxedDNSSearchValidation ' +
  'RelaxedEnvironmentVariableValidation RelaxedServiceNameValidation ReloadKubeletClientCAFile ' +
  'ReloadKubeletServerCertificateFile RemoteRequestHeaderUID ResilientWatchCacheInitialization ' +
  'ResourceHealthStatus ResourceHealthStatusMessage RestartAllContainersOnContainerExits ' +
  'RetryGenerateName RotateKubeletServerCertificate SELinuxChangePolicy SELinuxMountReadWriteOncePod ' +
  'SchedulerAsyncPreemption SchedulerPopFromBackoffQ SchedulerQueueingHints ' +
  'SeparateTaintEvictionController ServiceAccountNodeAudienceRestriction ServiceAccountTokenJTI ' +
  'ServiceAccountTokenNodeBinding ServiceAccountTokenNodeBindingValidation ' +
  'ServiceAccountTokenPodNodeInfo ServiceCIDRStatusFieldWiping SidecarContainers ' +
  'SizeBasedListCostEstimate StaleControllerConsistencyDaemonSet StaleControllerConsistencyJob ' +
  'StaleControllerConsistencyReplicaSet StaleControllerConsistencyStatefulSet ' +
  'StatefulSetSemanticRevisionComparison StorageNamespaceIndex StorageVersionHash ' +
  'StreamingCollectionEncodingToJSON StreamingCollectionEncodingToProtobuf StrictIPCIDRValidation ' +
  'StructuredAuthenticationConfiguration StructuredAuthenticationConfigurationEgressSelector ' +
  'StructuredAuthenticationConfigurationJWKSMetrics SupplementalGroupsPolicy SystemdWatchdog ' +
  'TokenRequestServiceAccountUIDValidation TopologyManagerPolicyBetaOptions ' +
  'TopologyManagerPolicyOptions TranslateStreamCloseWebsocketRequests ' +
  'UnauthenticatedHTTP2DOSMitigation UnknownVersionInteroperabilityProxy UnlockWhileProcessingFIFO ' +
  'UserNamespacesSupport VolumeAttributesClass WatchCacheInitializationPostStartHook WatchList ' +
  'WatchListClient WinDSR WinOverlay WindowsGracefulNodeShutdown';

const offByDefault =
  'APIServingWithRoutine AllowDNSOnlyNodeCSR AllowInsecureKubeletCertificateSigningRequests ' +
  'AllowOverwriteTerminationGracePeriodSeconds AllowUnsafeMalformedObjectDeletion ' +
  'CBORServingAndStorage CPUManagerPolicyAlphaOptions CRIListStreaming CSIVolumeHealth ' +
  'ChangeContainerStatusOnKubeletRestart ClientsAllowCBOR ClientsPreferCBOR ' +
  'CloudControllerManagerWatchBasedRoutesReconciliation CloudControllerManagerWebhook ' +
  'ClusterTrustBundle ClusterTrustBundleProjection ConcurrentWatchObjectDecode ContainerStopSignals ' +
  'ControllerManagerReleaseLeaderElectionLockOnExit CoordinatedLeaderElection ' +
  'CrossNamespaceVolumeDataSource DRADeviceTaintRules DRAListTypeAttributes ' +
  'DRANodeAllocatableResources DRAResourcePoolStatus DRAWorkloadResourceClaims ' +
  'DeclarativeValidationTakeover EventedPLEG GangScheduling GenericWorkload GitRepoVolumeDriver ' +
  'HPAScaleToZero ImageVolumeWithDigest InPlacePodVerticalScalingExclusiveCPUs ' +
  'InPlacePodVerticalScalingExclusiveMemory KMSv1 KubeletInUserNamespace ' +
  'KubeletRegistrationGetOnExistsOnly LocalStorageCapacityIsolationFSQuotaMonitoring ' +
  'ManifestBasedAdmissionControlConfig MaxUnavailableStatefulSet MemoryQoS MutablePVNodeAffinity ' +
  'PersistentVolumeClaimUnusedSinceTime PodAndContainerStatsFromCRI PodCertificateRequest ' +
  'PodLevelResourceManagers PodLogsQuerySplitStreams PodsAPI QOSReserved ' +
  'ReduceDefaultCrashLoopBackOffDecay RuntimeClassInImageCriApi SELinuxMount SchedulerAsyncAPICalls ' +
  'SeparateCacheWatchRPC ShardedListAndWatch StorageCapacityScoring StorageVersionAPI ' +
  'StorageVersionMigrator TaintTolerationComparisonOperators TopologyAwareWorkloadScheduling ' +
  'TopologyManagerPolicyAlphaOptions UserNamespacesHostNetworkSupport VolumeLimitScaling ' +
  'WindowsCPUAndMemoryAffinity WindowsHostNetwork WorkloadAwarePreemption WorkloadWithJob';

/** By name, the default. */
export const featureGateDefaults: ReadonlyMap<string, boolean> = new Map([
  ...onByDefault.split(' ').map((name) => [name, true] as const),
  ...offByDefault.split(' ').map((name) => [name, false] as const),
]);
