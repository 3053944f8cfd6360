/** Disks of Elastic Block Store. Upstream: plugins/aws_ebs.go of k8s.io/csi-translation-lib. */

import type {
  AWSElasticBlockStoreVolumeSource,
  CSIPersistentVolumeSource,
} from '../../generated/types.gen.ts';
import { csiSource, type InTreePlugin } from './in-tree-plugin.ts';
import { zonalAffinity } from './topology.ts';

const driver = 'ebs.csi.aws.com';

export const awsEbs: InTreePlugin = {
  name: 'kubernetes.io/aws-ebs',
  driver,
  field: 'awsElasticBlockStore',
  ofVolume(volume) {
    const source = volume.spec?.awsElasticBlockStore;
    return source && { csi: csiOf(source), nodeAffinity: zonalAffinity(volume, `topology.${driver}/zone`) };
  },
  ofInline({ awsElasticBlockStore: source }) {
    if (!source) return undefined;
    const csi = csiOf(source);
    return { name: `${driver}-${csi.volumeHandle}`, csi, accessMode: 'ReadWriteOnce' };
  },
};

function csiOf({ volumeID, fsType, readOnly, partition = 0 }: AWSElasticBlockStoreVolumeSource) {
  const source: CSIPersistentVolumeSource = { driver, volumeHandle: handleOf(volumeID) };
  return csiSource({ ...source, fsType, readOnly, volumeAttributes: { partition: String(partition) } });
}

/** Of `vol-…`, `aws:///vol-…` or `aws://ZONE/vol-…`; anything that has not this scheme is taken as it is. */
function handleOf(volumeID: string): string {
  if (!volumeID.startsWith('aws://')) return volumeID;
  const [, path = ''] = /^aws:\/\/[^/?#]*([^?#]*)/.exec(volumeID) ?? [];
  const id = path.replace(/^\/+|\/+$/g, '');
  if (/^vol-[^/]*$/.test(id)) return id;
  throw new Error(
    `failed to translate Kubernetes ID to EBS Volume ID Invalid format for AWS volume (${volumeID})`,
  );
}
