/** The API server's arguments of admission, and the names of the plugins. */

import { file, names, wholeNumber } from '../argument.ts';

/** Off unless `enable-admission-plugins` names them. */
const pluginsOffByDefault = [
  'AlwaysAdmit',
  'AlwaysDeny',
  'AlwaysPullImages',
  'DenyServiceExternalIPs',
  'ExtendedResourceToleration',
  'LimitPodHardAntiAffinityTopology',
  'NamespaceAutoProvision',
  'NamespaceExists',
];

/** Upstream's default, and NodeRestriction, which upstream's cluster tools switch on. */
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
  'PersistentVolumeClaimResize',
  'RuntimeClass',
  'CertificateApproval',
  'CertificateSigning',
  'CertificateSubjectRestriction',
  'DefaultIngressClass',
  'PodTopologyLabels',
  'NodeDeclaredFeatureValidator',
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
    'The AdmissionConfiguration (apiserver.config.k8s.io/v1): a configuration for PodSecurity, inside it or by the path of a file.',
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
