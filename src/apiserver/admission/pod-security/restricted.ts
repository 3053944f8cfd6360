/** The checks that the `restricted` standard adds to `baseline`. */

import { seccompBaseline } from './baseline.ts';
import {
  addedCapabilities,
  badContainers,
  badSetters,
  type Check,
  containerNames,
  containersOf,
  distinct,
  named,
  plural,
  quoted,
  usesVerb,
} from './check.ts';

const restrictedVolumes = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

const unknownVolume = 'unknown';
/** Upstream has no names for the types of volumes that are neither these nor allowed. */
const namedVolumes = new Set([
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'fc',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
]);

export const capabilities: Check = (spec) => {
  const undropped = containerNames(
    spec,
    ({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL'),
  );
  const isBad = (capability: string) => capability !== 'NET_BIND_SERVICE';
  const adding = containerNames(spec, (container) => addedCapabilities(container).some(isBad));
  const added = quoted(distinct(containersOf(spec).flatMap(addedCapabilities).filter(isBad)));
  const details = [
    ...(undropped.length > 0
      ? [`${named('container', undropped)} must set securityContext.capabilities.drop=["ALL"]`]
      : []),
    ...(adding.length > 0
      ? [`${named('container', adding)} must not include ${added} in securityContext.capabilities.add`]
      : []),
  ];
  if (details.length === 0) return undefined;
  return { reason: 'unrestricted capabilities', detail: details.join('; ') };
};

export const seccomp: Check = (spec, pod) => {
  const wrong = seccompBaseline(spec, pod);
  if (wrong || spec.securityContext?.seccompProfile) return wrong;
  const names = containerNames(spec, ({ securityContext }) => !securityContext?.seccompProfile);
  if (names.length === 0) return undefined;
  const detail = `pod or ${named('container', names)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`;
  return { reason: 'seccompProfile', detail };
};

export const volumeTypes: Check = (spec) => {
  const sourceOf = (volume: object) => Object.keys(volume).find((key) => key !== 'name') ?? unknownVolume;
  const bad = (spec.volumes ?? []).filter((volume) => !restrictedVolumes.has(sourceOf(volume)));
  if (bad.length === 0) return undefined;
  const typeOf = (source: string) => (namedVolumes.has(source) ? source : unknownVolume);
  const types = distinct(bad.map((volume) => typeOf(sourceOf(volume))));
  const names = bad.map(({ name }) => name);
  const what = `restricted volume ${plural('type', types.length)} ${quoted(types)}`;
  return {
    reason: 'restricted volume types',
    detail: `${named('volume', names)} ${usesVerb(names)} ${what}`,
  };
};

export const privilegeEscalation: Check = (spec) =>
  badContainers(
    spec,
    'allowPrivilegeEscalation != false',
    'must set securityContext.allowPrivilegeEscalation=false',
    (container) => container.securityContext?.allowPrivilegeEscalation !== false,
  );

export const runAsNonRoot: Check = (spec) => {
  const reason = 'runAsNonRoot != true';
  const setters = badSetters(spec, (context) => context.runAsNonRoot === false);
  if (setters !== undefined) {
    return { reason, detail: `${setters} must not set securityContext.runAsNonRoot=false` };
  }
  if (spec.securityContext?.runAsNonRoot) return undefined;
  const open = containerNames(spec, ({ securityContext }) => securityContext?.runAsNonRoot === undefined);
  if (open.length === 0) return undefined;
  const detail = `pod or ${named('container', open)} must set securityContext.runAsNonRoot=true`;
  return { reason, detail };
};

export const runAsUser: Check = (spec) => {
  const setters = badSetters(spec, (context) => context.runAsUser === 0);
  if (setters === undefined) return undefined;
  return { reason: 'runAsUser=0', detail: `${setters} must not set runAsUser=0` };
};
