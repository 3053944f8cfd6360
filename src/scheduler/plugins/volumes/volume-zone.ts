/**
 * VolumeZone: a pod is placed only in the zones that its volumes' labels name.
 *
 * Reads PersistentVolumeClaims, PersistentVolumes and node labels. A label may name several zones, `a__b`. A
 * node
 * without any zone label takes every volume, as upstream.
 */

import { ownValue } from '#base/own-value.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import { definePlugin, Rejection } from '../../framework.ts';
import { claimsOf } from './pod-claims.ts';

const name = 'VolumeZone';
const elsewhere = new Rejection(name, ['node(s) had no available volume zone'], true);
/** Each with the older label that nodes may have instead. */
const zoneKeys: Readonly<Record<string, string>> = {
  'topology.kubernetes.io/zone': 'failure-domain.beta.kubernetes.io/zone',
  'topology.kubernetes.io/region': 'failure-domain.beta.kubernetes.io/region',
};
const olderKeys = Object.fromEntries(Object.entries(zoneKeys).map(([key, older]) => [older, key]));

export const volumeZone = definePlugin({
  name,
  hints: [
    { kinds: ['PersistentVolumeClaim', 'PersistentVolume', 'StorageClass', 'Node/Add', 'Node/Labels'] },
  ],
  preFilter(pod, view) {
    const wanted: { key: string; values: Set<string> }[] = [];
    for (const each of claimsOf(pod.pod)) {
      const volumeName = view.listers.claim(pod.namespace, each.name)?.spec?.volumeName;
      const labels = (volumeName && view.listers.volume(volumeName)?.metadata?.labels) || {};
      for (const [label, value] of Object.entries(labels)) {
        const key = ownValue(zoneKeys, label) ? label : ownValue(olderKeys, label);
        if (key) wanted.push({ key, values: new Set(value.split('__')) });
      }
    }
    if (wanted.length === 0) return undefined;
    const isThere = (node: NodeInfo) =>
      !hasZone(node) || wanted.every(({ key, values }) => values.has(zoneValue(node, key) ?? ''));
    return { filter: (node) => (isThere(node) ? undefined : elsewhere) };
  },
});

function zoneValue(node: NodeInfo, key: string): string | undefined {
  return node.labels[key] ?? node.labels[zoneKeys[key]!];
}

function hasZone(node: NodeInfo): boolean {
  return Object.keys(zoneKeys).some((key) => zoneValue(node, key) !== undefined);
}
