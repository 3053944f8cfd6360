/**
 * VolumeZone: a pod is placed only in the zones that its volumes' labels name.
 *
 * Reads PersistentVolumeClaims, PersistentVolumes, StorageClasses and node labels. A label may name several
 * zones, `a__b`. A node without any zone label takes every volume, as upstream.
 */

import type { PersistentVolumeClaim, StorageClass } from '#api/generated/types.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { bindsAtFirstUse, classOfClaim } from '#api/volumes/storage-class.ts';
import { ownValue } from '#base/own-value.ts';
import type { ClusterView } from '../../cache/cluster-view.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import { definePlugin, Rejection } from '../../framework.ts';
import { concernsClaim, namedClaims } from './pod-claims.ts';

const name = 'VolumeZone';
const elsewhere = new Rejection(name, ['node(s) had no available volume zone'], true);
/** Each with the label that a node may have instead of the volume's older one. */
const zoneKeys: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region': 'topology.kubernetes.io/region',
};

export const volumeZone = definePlugin({
  name,
  hints: [
    { kinds: ['Node/Add', 'Node/Labels'] },
    {
      kinds: ['PersistentVolumeClaim'],
      helps: (pod, event) => concernsClaim(event, pod, namedClaims(pod.pod)),
    },
    {
      kinds: ['PersistentVolume'],
      helps: (_pod, { object, oldObject }) =>
        !!object && (!oldObject || zonesText(object) !== zonesText(oldObject)),
    },
    {
      kinds: ['StorageClass'],
      helps: (_pod, { object, oldObject }) => !oldObject && bindsAtFirstUse(object as StorageClass),
    },
  ],
  preFilter(pod, view) {
    const wanted: Zones[] = [];
    for (const claimName of namedClaims(pod.pod)) {
      const claim = view.listers.claim(pod.namespace, claimName);
      if (!claim) return refuse(`persistentvolumeclaim "${claimName}" not found`);
      const volumeName = claim.spec?.volumeName;
      if (!volumeName) {
        const trouble = troubleWithUnbound(claim, view);
        if (trouble) return refuse(trouble);
        continue;
      }
      const volume = view.listers.volume(volumeName);
      if (!volume) return refuse(`persistentvolume "${volumeName}" not found`);
      wanted.push(...zonesOf(volume));
    }
    if (wanted.length === 0) return undefined;
    const isThere = (node: NodeInfo) =>
      !hasZone(node) || wanted.every(({ key, values }) => values.has(zoneValue(node, key) ?? ''));
    return { filter: (node) => (isThere(node) ? undefined : elsewhere) };
  },
});

interface Zones {
  readonly key: string;
  readonly values: ReadonlySet<string>;
}

/** A label with an empty part is ignored, as upstream. */
function zonesOf({ metadata }: KubeObject): Zones[] {
  const zones: Zones[] = [];
  for (const key of Object.keys(zoneKeys)) {
    const label = ownValue(metadata?.labels ?? {}, key);
    const values = label?.split('__').map((value) => value.trim());
    if (values && !values.includes('')) zones.push({ key, values: new Set(values) });
  }
  return zones;
}

function zonesText(volume: KubeObject): string {
  return JSON.stringify(zonesOf(volume).map(({ key, values }) => [key, ...[...values].sort()]));
}

function zoneValue(node: NodeInfo, key: string): string | undefined {
  return node.labels[key] ?? node.labels[zoneKeys[key]!];
}

function hasZone(node: NodeInfo): boolean {
  return Object.keys(zoneKeys).some((key) => node.labels[key] !== undefined);
}

/** Why a claim without a volume keeps the pod back; undefined when its volume is chosen with the node. */
function troubleWithUnbound(claim: PersistentVolumeClaim, view: ClusterView): string | undefined {
  const className = classOfClaim(claim);
  if (!className) return 'PersistentVolumeClaim had no pv name and storageClass name';
  const storageClass = view.listers.storageClass(className);
  if (!storageClass) return `storageclass.storage.k8s.io "${className}" not found`;
  const mode = storageClass.volumeBindingMode;
  if (!mode) return `VolumeBindingMode not set for StorageClass "${className}"`;
  return bindsAtFirstUse(storageClass) ? undefined : 'PersistentVolume had no name';
}

function refuse(reason: string): Rejection {
  return new Rejection(name, [reason], true);
}
