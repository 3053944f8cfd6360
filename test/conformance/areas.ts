/** The explicit list of written areas; the key is the file of upstream's suite without folder and ending. */

import { mutatingAdmissionPolicy, validatingAdmissionPolicy } from './apimachinery/admission-policies.ts';
import { admissionWebhook } from './apimachinery/admission-webhook.ts';
import { aggregatedDiscovery } from './apimachinery/aggregated-discovery.ts';
import { aggregator } from './apimachinery/aggregator.ts';
import { chunking } from './apimachinery/chunking.ts';
import { customFieldValidation } from './apimachinery/custom-field-validation.ts';
import { customResourceConversionWebhook } from './apimachinery/custom-resource-conversion.ts';
import { customResourceDefinition } from './apimachinery/custom-resource-definition.ts';
import { customResourcePublishOpenApi } from './apimachinery/custom-resource-openapi.ts';
import { customResourceFieldSelectors, customResourceWatch } from './apimachinery/custom-resource-watch.ts';
import { discovery, serverVersion } from './apimachinery/discovery.ts';
import { fieldValidation } from './apimachinery/field-validation.ts';
import { flowControl } from './apimachinery/flow-control.ts';
import { garbageCollector } from './apimachinery/garbage-collector.ts';
import { namespace } from './apimachinery/namespace.ts';
import { resourceQuota } from './apimachinery/resource-quota.ts';
import { tableConversion } from './apimachinery/tables.ts';
import { watch } from './apimachinery/watch.ts';
import { controllerRevision } from './apps/controller-revision.ts';
import { cronJob } from './apps/cronjob.ts';
import { daemonSet } from './apps/daemon-set.ts';
import { deployment } from './apps/deployment.ts';
import { disruption } from './apps/disruption.ts';
import { job } from './apps/job.ts';
import { rc } from './apps/rc.ts';
import { replicaSet } from './apps/replica-set.ts';
import { statefulSet } from './apps/statefulset.ts';
import { conformanceArea } from './architecture/nodes.ts';
import { certificates } from './auth/certificates.ts';
import { serviceAccountsArea } from './auth/service-accounts.ts';
import { subjectReviews } from './auth/subject-reviews.ts';
import type { Behaviour } from './behaviour.ts';
import { networking } from './common/network/networking.ts';
import { configmap } from './common/node/configmap.ts';
import { containerProbe } from './common/node/container-probe.ts';
import { containers } from './common/node/containers.ts';
import { downwardapi } from './common/node/downwardapi.ts';
import { ephemeralContainers } from './common/node/ephemeral-containers.ts';
import { kubeletEtcHosts } from './common/node/etc-hosts.ts';
import { expansion } from './common/node/expansion.ts';
import { initContainer } from './common/node/init-container.ts';
import { kubelet } from './common/node/kubelet.ts';
import { lease } from './common/node/lease.ts';
import { lifecycleHook } from './common/node/lifecycle-hook.ts';
import { podResize } from './common/node/pod-resize.ts';
import { podtemplates } from './common/node/pod-templates.ts';
import { podLife } from './common/node/pods.ts';
import { runtime } from './common/node/runtime.ts';
import { runtimeclass } from './common/node/runtime-classes.ts';
import { secretsAsEnvironment } from './common/node/secrets.ts';
import { commonSecurityContext, securityContext } from './common/node/security-context.ts';
import { sysctl } from './common/node/sysctls.ts';
import { configmapVolume } from './common/storage/configmap-volume.ts';
import {
  downwardapiVolume,
  projectedCombined,
  projectedDownwardapi,
} from './common/storage/downward-files.ts';
import { emptyDir } from './common/storage/empty-dir.ts';
import { projectedConfigmap, projectedSecret } from './common/storage/projected-keyed.ts';
import { secretsVolume } from './common/storage/secrets-volume.ts';
import { dra } from './dra/objects.ts';
import { coreEvents, eventsArea } from './instrumentation/events.ts';
import { kubectl } from './kubectl/kubectl.ts';
import { logs } from './kubectl/logs.ts';
import { dns } from './network/dns.ts';
import { apiServerService, endpointSliceObjects, endpointsObjects } from './network/endpoints.ts';
import { hostPortArea } from './network/host-port.ts';
import { ingressArea, ingressClassArea, serviceCidrsArea } from './network/objects.ts';
import { mirroring } from './network/own-slices.ts';
import { proxyArea } from './network/proxy.ts';
import { service } from './network/service.ts';
import { serviceLatency } from './network/service-latency.ts';
import { nodeLifecycle } from './node/node-lifecycle.ts';
import { podsExtended } from './node/pods.ts';
import { preStop } from './node/pre-stop.ts';
import { taints } from './node/taints.ts';
import { limitRange } from './scheduling/limit-range.ts';
import { predicates } from './scheduling/predicates.ts';
import { preemption } from './scheduling/preemption.ts';
import { csiInline } from './storage/csi-inline.ts';
import { emptyDirWrapper } from './storage/many-volumes.ts';
import {
  csiNodeArea,
  csiStorageCapacityArea,
  storageClassArea,
  volumeAttachmentArea,
  volumeAttributesClassArea,
} from './storage/objects.ts';
import { persistentVolumesArea } from './storage/persistent-volumes.ts';
import { subpath } from './storage/subpath.ts';

export const areas: Readonly<Record<string, readonly Behaviour[]>> = {
  'apps/deployment': deployment,
  'apps/replica_set': replicaSet,
  'apps/rc': rc,
  'apps/disruption': disruption,
  'apps/statefulset': statefulSet,
  'apps/cronjob': cronJob,
  'apps/job': job,
  'apps/daemon_set': daemonSet,
  'apps/controller_revision': controllerRevision,
  'apimachinery/watch': watch,
  'apimachinery/aggregator': aggregator,
  'apimachinery/chunking': chunking,
  'apimachinery/namespace': namespace,
  'apimachinery/garbage_collector': garbageCollector,
  'apimachinery/resource_quota': resourceQuota,
  'apimachinery/discovery': discovery,
  'apimachinery/server_version': serverVersion,
  'apimachinery/field_validation': [...fieldValidation, ...customFieldValidation],
  'apimachinery/custom_resource_definition': customResourceDefinition,
  'apimachinery/mutatingadmissionpolicy': mutatingAdmissionPolicy,
  'apimachinery/validatingadmissionpolicy': validatingAdmissionPolicy,
  'apimachinery/webhook': admissionWebhook,
  'apimachinery/crd_conversion_webhook': customResourceConversionWebhook,
  'apimachinery/crd_watch': customResourceWatch,
  'apimachinery/crd_selectable_fields': customResourceFieldSelectors,
  'apimachinery/crd_publish_openapi': customResourcePublishOpenApi,
  'kubectl/kubectl': kubectl,
  'kubectl/logs': logs,
  'common/node/pods': podLife,
  'common/node/configmap': configmap,
  'common/node/secrets': secretsAsEnvironment,
  'common/node/containers': containers,
  'common/node/expansion': expansion,
  'common/node/downwardapi': downwardapi,
  'common/node/init_container': initContainer,
  'common/node/lifecycle_hook': lifecycleHook,
  'common/node/kubelet': kubelet,
  'common/node/runtime': runtime,
  'common/node/container_probe': containerProbe,
  'common/storage/configmap_volume': configmapVolume,
  'common/storage/secrets_volume': secretsVolume,
  'common/storage/empty_dir': emptyDir,
  'common/storage/projected_configmap': projectedConfigmap,
  'common/storage/projected_secret': projectedSecret,
  'common/network/networking': networking,
  'network/dns': dns,
  'network/service': service,
  'common/storage/downwardapi_volume': downwardapiVolume,
  'common/storage/projected_downwardapi': projectedDownwardapi,
  'common/storage/projected_combined': projectedCombined,
  'common/node/security_context': commonSecurityContext,
  'common/node/lease': lease,
  'common/node/kubelet_etc_hosts': kubeletEtcHosts,
  'common/node/podtemplates': podtemplates,
  'common/node/ephemeral_containers': ephemeralContainers,
  'common/node/sysctl': sysctl,
  'node/security_context': securityContext,
  'node/pods': podsExtended,
  'node/pre_stop': preStop,
  'node/node_lifecycle': nodeLifecycle,
  'network/endpoints': endpointsObjects,
  'network/endpointslice': endpointSliceObjects,
  'network/apiserver': apiServerService,
  'common/node/runtimeclass': runtimeclass,
  'common/node/pod_resize': podResize,
  'auth/service_accounts': serviceAccountsArea,
  'auth/subjectreviews': subjectReviews,
  'auth/certificates': certificates,
  'instrumentation/events': eventsArea,
  'instrumentation/core_events': coreEvents,
  'scheduling/predicates': predicates,
  'scheduling/preemption': preemption,
  'scheduling/limit_range': limitRange,
  'node/taints': taints,
  'network/endpointslicemirroring': mirroring,
  'network/hostport': hostPortArea,
  'network/ingress': ingressArea,
  'network/ingressclass': ingressClassArea,
  'network/proxy': proxyArea,
  'network/service_latency': serviceLatency,
  'network/service_cidrs': serviceCidrsArea,
  'storage/subpath': subpath,
  'storage/empty_dir_wrapper': emptyDirWrapper,
  'storage/csi_inline': csiInline,
  'storage/csi_node': csiNodeArea,
  'storage/csistoragecapacity': csiStorageCapacityArea,
  'storage/storageclass': storageClassArea,
  'storage/volume_attachment': volumeAttachmentArea,
  'storage/volumeattributesclass': volumeAttributesClassArea,
  'storage/persistent_volumes': persistentVolumesArea,
  'apimachinery/aggregated_discovery': aggregatedDiscovery,
  'apimachinery/table_conversion': tableConversion,
  'apimachinery/flowcontrol': flowControl,
  'architecture/conformance': conformanceArea,
  'dra/dra': dra,
};
