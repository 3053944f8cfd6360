/** Persistent disks of Compute Engine. Upstream: plugins/gce_pd.go of k8s.io/csi-translation-lib. */

import type { GCEPersistentDiskVolumeSource, PersistentVolume } from '../../generated/types.gen.ts';
import { csiSource, type InTreePlugin } from './in-tree-plugin.ts';
import { zonalAffinity, zoneSeparator } from './topology.ts';

const driver = 'pd.csi.storage.gke.io';
/** The driver's attacher puts the project, and a zone that is not known, in its place. */
const unknown = 'UNSPECIFIED';

export const gcePd: InTreePlugin = {
  name: 'kubernetes.io/gce-pd',
  driver,
  field: 'gcePersistentDisk',
  ofVolume(volume) {
    const source = volume.spec?.gcePersistentDisk;
    return (
      source && {
        csi: csiOf(source, placeOf(volume)),
        nodeAffinity: zonalAffinity(volume, 'topology.gke.io/zone'),
        accessModes: accessModesOf(volume),
      }
    );
  },
  ofInline({ gcePersistentDisk: source }) {
    if (!source) return undefined;
    const accessMode = source.readOnly ? 'ReadOnlyMany' : 'ReadWriteOnce';
    return { name: `${driver}-${source.pdName}`, csi: csiOf(source, `zones/${unknown}`), accessMode };
  },
};

function csiOf({ pdName, fsType, readOnly, partition }: GCEPersistentDiskVolumeSource, place: string) {
  return csiSource({
    driver,
    volumeHandle: `projects/${unknown}/${place}/disks/${pdName}`,
    fsType,
    readOnly,
    volumeAttributes: { partition: partition ? String(partition) : '' },
  });
}

/** `zones/ZONE` or `regions/REGION`, by the label of zones: a disk of several is regional. */
function placeOf({ metadata }: PersistentVolume): string {
  const { labels = {} } = metadata ?? {};
  const label = labels['failure-domain.beta.kubernetes.io/zone'] || labels['topology.kubernetes.io/zone'];
  if (!label) return `zones/${unknown}`;
  const zones = label.split(zoneSeparator);
  return zones.length === 1 ? `zones/${label}` : `regions/${regionOf(zones)}`;
}

function regionOf(zones: readonly string[]): string {
  const failed = (why: string) => new Error(`failed to get region from zones: ${why}`);
  const regions = new Set<string>();
  for (const zone of zones) {
    const [locale, region, ...rest] = zone.split('-');
    if (rest.length !== 1) {
      throw failed(`zone in unexpected format, expected: {locale}-{region}-{zone}, got: ${zone}`);
    }
    regions.add(`${locale}-${region}`);
  }
  const [first = '', ...others] = [...regions].sort();
  if (others.length === 0) return first;
  const shown = [first, ...others].map((region) => `${region}:{}`).join(' ');
  throw failed(`multiple or no regions gotten from zones, got: map[${shown}]`);
}

/** The driver rejects modes that the plugin never looked at: those become the mode in which it attached disks. */
function accessModesOf({ spec }: PersistentVolume): string[] | undefined {
  const modes = spec?.accessModes;
  if (!modes) return undefined;
  const isWritten = modes.includes('ReadWriteOnce') || modes.includes('ReadWriteMany');
  return [!isWritten && modes.includes('ReadOnlyMany') ? 'ReadOnlyMany' : 'ReadWriteOnce'];
}
