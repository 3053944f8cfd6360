/** Validation of storage vendors' volume sources: required fields and their formats. */

import type {
  AzureDiskVolumeSource,
  CSIVolumeSource,
  FCVolumeSource,
  FlexVolumeSource,
  FlockerVolumeSource,
  ISCSIVolumeSource,
  QuobyteVolumeSource,
  StorageOSVolumeSource,
  Volume,
} from '../../../../generated/types.gen.ts';
import { checkField, checkOneOfIfGiven } from '../../../../validation/field-checks.ts';
import {
  type FieldError,
  invalidValue,
  notSupported,
  required,
  tooLong,
} from '../../../../validation/field-error.ts';
import { byteLength, dns1123Label, dns1123Subdomain, rangeText } from '../../../../validation/validators.ts';
import { checkDescendingPath } from '../paths.ts';

type VendorName = Exclude<
  keyof Volume,
  | 'name'
  | 'emptyDir'
  | 'hostPath'
  | 'secret'
  | 'persistentVolumeClaim'
  | 'downwardAPI'
  | 'configMap'
  | 'projected'
  | 'ephemeral'
  | 'image'
>;

type Check = (volume: Volume, path: string) => FieldError[];

/** `Required value` for each of `keys` that is empty in `source`. */
export function need(source: object | undefined, path: string, ...keys: string[]): FieldError[] {
  const fields = (source ?? {}) as Record<string, unknown>;
  const isEmpty = (value: unknown) => !value || (Array.isArray(value) && value.length === 0);
  return keys.filter((key) => isEmpty(fields[key])).map((key) => required(`${path}.${key}`));
}

function needSecretName(secret: { name?: string } | undefined, path: string): FieldError[] {
  return secret ? need(secret, `${path}.secretRef`, 'name') : [];
}

function checkPartition(partition: number | undefined, path: string): FieldError[] {
  if (partition === undefined || (partition >= 0 && partition <= 255)) return [];
  return [invalidValue(`${path}.partition`, partition, rangeText(1, 255))];
}

export function checkLun(lun: number, path: string): FieldError[] {
  return lun >= 0 && lun <= 255 ? [] : [invalidValue(`${path}.lun`, lun, rangeText(0, 255))];
}

export const vendorChecks: Readonly<Record<VendorName, Check>> = {
  gitRepo: ({ gitRepo }, path) => [
    ...need(gitRepo, path, 'repository'),
    ...checkDescendingPath(`${path}.directory`, gitRepo?.directory ?? ''),
  ],
  gcePersistentDisk: ({ gcePersistentDisk: disk }, path) => [
    ...need(disk, path, 'pdName'),
    ...checkPartition(disk?.partition, path),
  ],
  awsElasticBlockStore: ({ awsElasticBlockStore: disk }, path) => [
    ...need(disk, path, 'volumeID'),
    ...checkPartition(disk?.partition, path),
  ],
  nfs: ({ nfs }, path) => {
    const errors = need(nfs, path, 'server', 'path');
    if (nfs?.path?.startsWith('/')) return errors;
    return [...errors, invalidValue(`${path}.path`, nfs?.path ?? '', 'must be an absolute path')];
  },
  iscsi: ({ iscsi }, path) => checkIscsi(iscsi!, path),
  glusterfs: ({ glusterfs }, path) => need(glusterfs, path, 'endpoints', 'path'),
  flocker: ({ flocker }, path) => checkFlocker(flocker!, path),
  rbd: ({ rbd }, path) => need(rbd, path, 'monitors', 'image'),
  cinder: ({ cinder }, path) => [
    ...need(cinder, path, 'volumeID'),
    ...needSecretName(cinder?.secretRef, path),
  ],
  cephfs: ({ cephfs }, path) => need(cephfs, path, 'monitors'),
  quobyte: ({ quobyte }, path) => checkQuobyte(quobyte!, path),
  fc: ({ fc }, path) => checkFc(fc!, path),
  flexVolume: ({ flexVolume }, path) => checkFlex(flexVolume!, path),
  azureFile: ({ azureFile }, path) => need(azureFile, path, 'secretName', 'shareName'),
  vsphereVolume: ({ vsphereVolume }, path) => need(vsphereVolume, path, 'volumePath'),
  photonPersistentDisk: ({ photonPersistentDisk }, path) => need(photonPersistentDisk, path, 'pdID'),
  portworxVolume: ({ portworxVolume }, path) => need(portworxVolume, path, 'volumeID'),
  azureDisk: ({ azureDisk }, path) => checkAzureDisk(azureDisk!, path),
  storageos: ({ storageos }, path) => checkStorageOs(storageos!, path),
  scaleIO: ({ scaleIO }, path) => need(scaleIO, path, 'gateway', 'system', 'volumeName'),
  csi: ({ csi }, path) => checkCsi(csi!, path),
};

const iscsiForms = new Map<string, (name: string) => boolean>([
  ['iqn', isQualified],
  ['eui', (name) => /^eui.[A-Za-z0-9]{16}$/.test(name)],
  ['naa', (name) => /^naa.[A-Za-z0-9]{32}$/.test(name)],
]);

/** Matches the end of `iqn.2001-04.com.example:storage`; upstream ignores the beginning. */
function isQualified(name: string): boolean {
  const parts = name
    .split(/[,;*&$|\t\n\f\r ]/)
    .at(-1)!
    .split(':');
  const ended = parts.slice(0, parts.at(-1) === '' ? -2 : -1);
  return ended.some((part) => /iqn\.\d{4}-\d{2}\../.test(part.split(/[^A-Za-z0-9.-]/).at(-1)!));
}

export function checkIscsiForm(
  field: string,
  name: string,
  unknown = 'must be valid format starting with iqn, eui, or naa',
): FieldError[] {
  const form = iscsiForms.get(name.slice(0, 3));
  if (!form) return [invalidValue(field, name, unknown)];
  return form(name) ? [] : [invalidValue(field, name, 'must be valid format')];
}

function checkIscsi(iscsi: ISCSIVolumeSource, path: string): FieldError[] {
  const errors = need(iscsi, path, 'targetPortal', 'iqn');
  if (iscsi.iqn) errors.push(...checkIscsiForm(`${path}.iqn`, iscsi.iqn));
  errors.push(...checkLun(iscsi.lun ?? 0, path));
  if ((iscsi.chapAuthDiscovery || iscsi.chapAuthSession) && !iscsi.secretRef) {
    errors.push(required(`${path}.secretRef`));
  }
  if (iscsi.initiatorName !== undefined) {
    errors.push(...checkIscsiForm(`${path}.initiatorname`, iscsi.initiatorName));
  }
  return errors;
}

function checkFlocker({ datasetName = '', datasetUUID }: FlockerVolumeSource, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!datasetName && !datasetUUID) {
    errors.push(required(path, 'one of datasetName and datasetUUID is required'));
  }
  if (datasetName && datasetUUID) {
    const text = 'datasetName and datasetUUID can not be specified simultaneously';
    errors.push(invalidValue(path, 'resource', text));
  }
  if (datasetName.includes('/')) {
    errors.push(invalidValue(`${path}.datasetName`, datasetName, "must not contain '/'"));
  }
  return errors;
}

const quobyteTenantMaxBytes = 64;

function checkQuobyte(quobyte: QuobyteVolumeSource, path: string): FieldError[] {
  const { registry, tenant = '' } = quobyte;
  const errors: FieldError[] = [];
  const text = 'must be a host:port pair or multiple pairs separated by commas';
  if (!registry) errors.push(required(`${path}.registry`, text));
  else if (byteLength(tenant) > quobyteTenantMaxBytes) {
    const limit = `must be a UUID and may not exceed a length of ${quobyteTenantMaxBytes} characters`;
    errors.push(required(`${path}.tenant`, limit));
  } else {
    const wrong = registry.split(',').filter((pair) => !/^([^:[\]]*|\[[^[\]]*\]):[^:[\]]*$/.test(pair));
    errors.push(...wrong.map(() => invalidValue(`${path}.registry`, registry, text)));
  }
  return [...errors, ...need(quobyte, path, 'volume')];
}

function checkFc({ targetWWNs = [], wwids = [], lun }: FCVolumeSource, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const field = `${path}.targetWWNs`;
  if (targetWWNs.length + wwids.length === 0) {
    errors.push(required(field, 'must specify either targetWWNs or wwids, but not both'));
  }
  if (targetWWNs.length > 0 && wwids.length > 0) {
    const text = 'targetWWNs and wwids can not be specified simultaneously';
    errors.push(invalidValue(field, targetWWNs, text));
  }
  if (targetWWNs.length === 0) return errors;
  if (lun !== undefined) return [...errors, ...checkLun(lun, path)];
  return [...errors, required(`${path}.lun`, 'lun is required if targetWWNs is specified')];
}

export function checkFlex(flex: Pick<FlexVolumeSource, 'driver' | 'options'>, path: string): FieldError[] {
  const errors = need(flex, path, 'driver');
  for (const key of Object.keys(flex.options ?? {})) {
    const namespace = `.${key.split('/')[0]!.toLowerCase()}`;
    if (!namespace.endsWith('.kubernetes.io') && !namespace.endsWith('.k8s.io')) continue;
    const text = 'kubernetes.io and k8s.io namespaces are reserved';
    errors.push(invalidValue(`${path}.options[${key}]`, key, text));
  }
  return errors;
}

const cachingModes = ['None', 'ReadOnly', 'ReadWrite'];
const diskKinds = ['Dedicated', 'Managed', 'Shared'];
const managedDiskForm =
  '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const blobDiskForm = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';

function checkAzureDisk(disk: AzureDiskVolumeSource, path: string): FieldError[] {
  const { kind, cachingMode, diskURI = '' } = disk;
  const errors = need(disk, path, 'diskName', 'diskURI');
  errors.push(
    ...checkOneOfIfGiven(`${path}.cachingMode`, cachingMode, cachingModes),
    ...checkOneOfIfGiven(`${path}.kind`, kind, diskKinds),
  );
  if (kind === undefined) return errors;
  const isManaged = kind === 'Managed';
  if (!diskURI.startsWith(isManaged ? '/subscriptions/' : 'https://')) {
    errors.push(notSupported(`${path}.diskURI`, diskURI, [isManaged ? managedDiskForm : blobDiskForm]));
  }
  return errors;
}

function checkStorageOs(storage: StorageOSVolumeSource, path: string): FieldError[] {
  const errors = need(storage, path, 'volumeName');
  if (storage.volumeName) errors.push(...checkField(`${path}.volumeName`, storage.volumeName, dns1123Label));
  if (storage.volumeNamespace) {
    errors.push(...checkField(`${path}.volumeNamespace`, storage.volumeNamespace, dns1123Label));
  }
  return [...errors, ...needSecretName(storage.secretRef, path)];
}

const driverMaxBytes = 63;

export function checkDriverName(field: string, driver: string): FieldError[] {
  if (!driver) return [required(field)];
  const errors = byteLength(driver) > driverMaxBytes ? [tooLong(field, driverMaxBytes)] : [];
  return [...errors, ...checkField(field, driver, (name) => dns1123Subdomain(name.toLowerCase()))];
}

function checkCsi(
  { driver = '', nodePublishSecretRef: secret }: CSIVolumeSource,
  path: string,
): FieldError[] {
  const errors = checkDriverName(`${path}.driver`, driver);
  if (!secret) return errors;
  if (!secret.name) return [...errors, required(`${path}.nodePublishSecretRef.name`)];
  // As upstream's, the path of the secret's name lacks the secret.
  return [...errors, ...checkField(`${path}.name`, secret.name, dns1123Subdomain)];
}
