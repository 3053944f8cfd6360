/** The API server's arguments of admission, and the names of the plugins. */

import { file, names, wholeNumber } from '../argument.ts';

/** Off unless `enable-admission-plugins` names them. */
const pluginsOffByDefault = [
  'AlwaysAdmit',
  'AlwaysDeny',
  'AlwaysPullImages',
  'DenyServiceExternalIPs',
  'EventRateLimit',
  'ExtendedResourceToleration',
  'ImagePolicyWebhook',
  'LimitPodHardAntiAffinityTopology',
  'NamespaceAutoProvision',
  'NamespaceExists',
  'OwnerReferencesPermissionEnforcement',
  'PodNodeSelector',
  'PodTolerationRestriction',
];

/**
 * Upstream's default, and NodeRestriction, which upstream's cluster tools switch on. What ClusterTrustBundleAttest, the
 * plugins of PodGroups and JobValidation judge is behind feature gates that are off: they have nothing to do.
 */
export const defaultAdmissionPlugins: readonly string[] = [
  'NamespaceLifecycle',
  'LimitRanger',
  'ServiceAccount',
  'NodeRestriction',
  'TaintNodesByCondition',
  'PodSecurity',
  'Priority',
  'DefaultTolerationSeconds',
  'DefaultStorageClass',
  'StorageObjectInUseProtection',
  'PodGroupProtection',
  'PersistentVolumeClaimResize',
  'RuntimeClass',
  'CertificateApproval',
  'CertificateSigning',
  'ClusterTrustBundleAttest',
  'CertificateSubjectRestriction',
  'DefaultIngressClass',
  'PodTopologyLabels',
  'PodGroupWorkloadExists',
  'NodeDeclaredFeatureValidator',
  'JobValidation',
  'PodResizeValidator',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionWebhook',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionWebhook',
  'ResourceQuota',
];

export const knownAdmissionPlugins: readonly string[] = [...defaultAdmissionPlugins, ...pluginsOffByDefault];

const seconds = { min: 0, max: 1_000_000_000 };

export const admissionArguments = {
  'admission-control-config-file': file(
    'The AdmissionConfiguration (apiserver.config.k8s.io/v1): configurations for PodSecurity, PodNodeSelector, PodTolerationRestriction, EventRateLimit and ImagePolicyWebhook, inside it or by the path of a file.',
  ),
  'default-not-ready-toleration-seconds': wholeNumber(
    'Seconds that a pod without a toleration of its own stays on a node that is not ready. Default 300.',
    seconds,
  ),
  'default-unreachable-toleration-seconds': wholeNumber(
    'Seconds that a pod without a toleration of its own stays on an unreachable node. Default 300.',
    seconds,
  ),
  'disable-admission-plugins': names(
    'Admission plugins that are on by default and shall not run.',
    'admission plugin',
    knownAdmissionPlugins,
  ),
  'enable-admission-plugins': names(
    `Further admission plugins: ${pluginsOffByDefault.join(', ')}.`,
    'admission plugin',
    knownAdmissionPlugins,
  ),
};
