/** The volume sources of storage vendors: the fields they cannot do without. */

import { type FieldError, invalidValue, required } from '../field-error.ts';
import type { Volume } from '../types.gen.ts';
import { checkField, dns1123Subdomain, rangeText } from '../validators.ts';
import { checkDescendingPath } from './paths.ts';

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

/** `Required value` for each of `keys` that `source` leaves empty. */
function need(source: object | undefined, path: string, ...keys: string[]): FieldError[] {
  const fields = (source ?? {}) as Record<string, unknown>;
  const isEmpty = (value: unknown) => !value || (Array.isArray(value) && value.length === 0);
  return keys.filter((key) => isEmpty(fields[key])).map((key) => required(`${path}.${key}`));
}

function checkPartition(partition: number | undefined, path: string): FieldError[] {
  if (partition === undefined || (partition >= 0 && partition <= 255)) return [];
  return [invalidValue(`${path}.partition`, partition, rangeText(1, 255))];
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
  iscsi: ({ iscsi }, path) => {
    const errors = need(iscsi, path, 'targetPortal', 'iqn');
    if (iscsi?.iqn && !/^(iqn|eui|naa)/.test(iscsi.iqn)) {
      errors.push(
        invalidValue(`${path}.iqn`, iscsi.iqn, 'must be valid format starting with iqn, eui, or naa'),
      );
    }
    const lun = iscsi?.lun ?? 0;
    return lun >= 0 && lun <= 255 ? errors : [...errors, invalidValue(`${path}.lun`, lun, rangeText(0, 255))];
  },
  glusterfs: ({ glusterfs }, path) => need(glusterfs, path, 'endpoints', 'path'),
  rbd: ({ rbd }, path) => need(rbd, path, 'monitors', 'image'),
  flexVolume: ({ flexVolume }, path) => need(flexVolume, path, 'driver'),
  cinder: ({ cinder }, path) => need(cinder, path, 'volumeID'),
  cephfs: ({ cephfs }, path) => need(cephfs, path, 'monitors'),
  flocker: ({ flocker }, path) =>
    flocker?.datasetName || flocker?.datasetUUID
      ? []
      : [required(path, 'one of datasetName and datasetUUID is required')],
  fc: ({ fc }, path) =>
    fc?.targetWWNs?.length || fc?.wwids?.length
      ? []
      : [required(`${path}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both')],
  azureFile: ({ azureFile }, path) => need(azureFile, path, 'secretName', 'shareName'),
  vsphereVolume: ({ vsphereVolume }, path) => need(vsphereVolume, path, 'volumePath'),
  quobyte: ({ quobyte }, path) => need(quobyte, path, 'registry', 'volume'),
  azureDisk: ({ azureDisk }, path) => need(azureDisk, path, 'diskName', 'diskURI'),
  photonPersistentDisk: ({ photonPersistentDisk }, path) => need(photonPersistentDisk, path, 'pdID'),
  portworxVolume: ({ portworxVolume }, path) => need(portworxVolume, path, 'volumeID'),
  scaleIO: ({ scaleIO }, path) => need(scaleIO, path, 'gateway', 'system', 'volumeName'),
  storageos: ({ storageos }, path) => need(storageos, path, 'volumeName'),
  csi: ({ csi }, path) => [
    ...need(csi, path, 'driver'),
    ...checkField(`${path}.driver`, csi?.driver ?? '', (name) => dns1123Subdomain(name.toLowerCase())),
    ...(csi?.nodePublishSecretRef
      ? need(csi.nodePublishSecretRef, `${path}.nodePublishSecretRef`, 'name')
      : []),
  ],
};
