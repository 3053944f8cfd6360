/** Validation of a PersistentVolume's source: exactly one, with the fields its plugin needs. */

import type {
  CinderPersistentVolumeSource,
  CSIPersistentVolumeSource,
  GlusterfsPersistentVolumeSource,
  ISCSIPersistentVolumeSource,
  PersistentVolumeSpec,
  SecretReference,
  StorageOSPersistentVolumeSource,
} from '../../generated/types.gen.ts';
import { checkField } from '../../validation/field-checks.ts';
import { type FieldError, forbiddenField, invalidValue, required } from '../../validation/field-error.ts';
import { byteLength, dns1123Label, dns1123Subdomain } from '../../validation/validators.ts';
import { checkNoBacksteps } from '../pods/validation/paths.ts';
import {
  checkDriverName,
  checkFlex,
  checkIscsiForm,
  checkLun,
  need,
  vendorChecks,
} from '../pods/validation/volumes/vendor.ts';
import { validateHostPath } from '../pods/validation/volumes/volumes.ts';

type Check = (spec: PersistentVolumeSpec, path: string, volumeName: string) => FieldError[];

/** The check that volumes of pods share: of these plugins the source is the same type. */
const asInPods =
  (
    name:
      | 'gcePersistentDisk'
      | 'awsElasticBlockStore'
      | 'flocker'
      | 'nfs'
      | 'quobyte'
      | 'fc'
      | 'vsphereVolume'
      | 'photonPersistentDisk'
      | 'portworxVolume'
      | 'azureDisk',
  ): Check =>
  (spec, path) =>
    vendorChecks[name]({ name: '', [name]: spec[name] }, path);

/** In upstream's order: the first source is validated, each further one is an error. */
const checks = {
  hostPath: ({ hostPath }, path) => validateHostPath(hostPath!, path),
  gcePersistentDisk: asInPods('gcePersistentDisk'),
  awsElasticBlockStore: asInPods('awsElasticBlockStore'),
  glusterfs: ({ glusterfs }, path) => checkGlusterfs(glusterfs!, path),
  flocker: asInPods('flocker'),
  nfs: asInPods('nfs'),
  rbd: ({ rbd }, path) => need(rbd, path, 'monitors', 'image'),
  quobyte: asInPods('quobyte'),
  cephfs: ({ cephfs }, path) => need(cephfs, path, 'monitors'),
  iscsi: ({ iscsi }, path, volumeName) => checkIscsi(iscsi!, path, volumeName),
  cinder: ({ cinder }, path) => checkCinder(cinder!, path),
  fc: asInPods('fc'),
  flexVolume: ({ flexVolume }, path) => checkFlex(flexVolume!, path),
  azureFile: ({ azureFile }, path) => [
    ...need(azureFile, path, 'secretName', 'shareName'),
    ...(azureFile?.secretNamespace === '' ? [required(`${path}.secretNamespace`)] : []),
  ],
  vsphereVolume: asInPods('vsphereVolume'),
  photonPersistentDisk: asInPods('photonPersistentDisk'),
  portworxVolume: asInPods('portworxVolume'),
  azureDisk: asInPods('azureDisk'),
  scaleIO: ({ scaleIO }, path) => need(scaleIO, path, 'gateway', 'system', 'volumeName'),
  local: checkLocal,
  storageos: ({ storageos }, path) => checkStorageOs(storageos!, path),
  csi: ({ csi }, path) => checkCsi(csi!, path),
} satisfies Record<string, Check>;

type SourceName = keyof typeof checks;

const sourceNames = Object.keys(checks) as SourceName[];

/** Two paths that upstream writes irregularly: one inside the source, one for an additional source. */
const innerPaths: Readonly<Record<string, string>> = { gcePersistentDisk: 'persistentDisk' };
const extraPaths: Readonly<Record<string, string>> = { cephfs: 'cephFS' };

/** The sources that are set, of which there should be one. */
export function sourcesOf(spec: PersistentVolumeSpec): Partial<Pick<PersistentVolumeSpec, SourceName>> {
  return Object.fromEntries(
    sourceNames.filter((name) => spec[name] !== undefined).map((name) => [name, spec[name]]),
  );
}

export function validateSources(spec: PersistentVolumeSpec, volumeName: string): FieldError[] {
  const errors: FieldError[] = [];
  let found = false;
  for (const name of Object.keys(sourcesOf(spec)) as SourceName[]) {
    // Upstream lets a flex volume stand beside another source.
    if (found && name !== 'flexVolume') {
      const text = 'may not specify more than 1 volume type';
      errors.push(forbiddenField(`spec.${extraPaths[name] ?? name}`, text));
    } else errors.push(...checks[name](spec, `spec.${innerPaths[name] ?? name}`, volumeName));
    found = true;
  }
  return found ? errors : [required('spec', 'must specify a volume type')];
}

function checkGlusterfs(source: GlusterfsPersistentVolumeSource, path: string): FieldError[] {
  const errors = need(source, path, 'endpoints', 'path');
  const { endpointsNamespace: namespace } = source;
  if (namespace === undefined) return errors;
  const field = `${path}.endpointsNamespace`;
  if (namespace) return [...errors, ...checkField(field, namespace, dns1123Label)];
  const text = 'if the endpointnamespace is set, it must be a valid namespace name';
  return [...errors, invalidValue(field, namespace, text)];
}

const iscsiNameMaxBytes = 64;

function checkIscsi(iscsi: ISCSIPersistentVolumeSource, path: string, volumeName: string): FieldError[] {
  const { targetPortal = '', iqn, initiatorName, secretRef } = iscsi;
  const form = 'must be valid format';
  const errors = need(iscsi, path, 'targetPortal');
  if (initiatorName !== undefined && byteLength(`${volumeName}:${targetPortal}`) > iscsiNameMaxBytes) {
    const text =
      'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';
    errors.push(invalidValue(`${path}.targetportal`, targetPortal, text));
  }
  errors.push(...(iqn ? checkIscsiForm(`${path}.iqn`, iqn, form) : need(iscsi, path, 'iqn')));
  errors.push(...checkLun(iscsi.lun ?? 0, path));
  if ((iscsi.chapAuthDiscovery || iscsi.chapAuthSession) && !secretRef) {
    errors.push(required(`${path}.secretRef`));
  }
  if (secretRef) errors.push(...need(secretRef, `${path}.secretRef`, 'name'));
  if (initiatorName === undefined) return errors;
  return [...errors, ...checkIscsiForm(`${path}.initiatorname`, initiatorName, form)];
}

function checkCinder(cinder: CinderPersistentVolumeSource, path: string): FieldError[] {
  return [...need(cinder, path, 'volumeID'), ...needReference(cinder.secretRef, path)];
}

function needReference(secret: object | undefined, path: string): FieldError[] {
  return secret ? need(secret, `${path}.secretRef`, 'name', 'namespace') : [];
}

function checkLocal({ local, nodeAffinity }: PersistentVolumeSpec, path: string): FieldError[] {
  const errors = local?.path ? checkNoBacksteps(`${path}.path`, local.path) : need(local, path, 'path');
  if (nodeAffinity) return errors;
  return [...errors, required('spec.nodeAffinity', 'Local volume requires node affinity')];
}

function checkStorageOs(storage: StorageOSPersistentVolumeSource, path: string): FieldError[] {
  const { volumeName, volumeNamespace, secretRef } = storage;
  const errors = volumeName
    ? checkField(`${path}.volumeName`, volumeName, dns1123Label)
    : need(storage, path, 'volumeName');
  if (volumeNamespace) errors.push(...checkField(`${path}.volumeNamespace`, volumeNamespace, dns1123Label));
  return [...errors, ...needReference(secretRef, path)];
}

const csiSecrets = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const;

function checkCsi(csi: CSIPersistentVolumeSource, path: string): FieldError[] {
  return [
    ...checkDriverName(`${path}.driver`, csi.driver ?? ''),
    ...need(csi, path, 'volumeHandle'),
    ...csiSecrets.flatMap((key) => checkSecret(csi[key], `${path}.${key}`)),
  ];
}

function checkSecret(secret: SecretReference | undefined, path: string): FieldError[] {
  if (!secret) return [];
  const { name, namespace } = secret;
  return [
    ...(name ? checkField(`${path}.name`, name, dns1123Subdomain) : need(secret, path, 'name')),
    ...(namespace
      ? checkField(`${path}.namespace`, namespace, dns1123Label)
      : need(secret, path, 'namespace')),
  ];
}
