/**
 * VolumeBinding: a pod is placed only where its bound volumes are reachable.
 *
 * Reads PersistentVolumeClaims, PersistentVolumes and StorageClasses. Claims must be bound already; a claim
 * that is missing, unbound or waits for its first consumer keeps the pod back, with the reason in the
 * message.
 */

import type { StorageClass } from '#api/generated/types.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { compileNodeSelector, type NodeMatcher } from '#api/nodes/node-selector.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import { type ClusterEvent, definePlugin, Rejection } from '../../framework.ts';
import { claimsOf, concernsClaim, troubleWith } from './pod-claims.ts';

const name = 'VolumeBinding';
const unreachable = new Rejection(name, ["node(s) didn't match PersistentVolume's node affinity"], true);
const missing = new Rejection(
  name,
  ['node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'],
  true,
);

export const volumeBinding = definePlugin({
  name,
  hints: [
    { kinds: ['PersistentVolume', 'Node/Add', 'Node/Labels'] },
    {
      kinds: ['PersistentVolumeClaim'],
      helps(pod, event) {
        const names = claimsOf(pod.pod).map((claim) => claim.name);
        return concernsClaim(event, pod, names);
      },
    },
    { kinds: ['StorageClass'], helps: (_pod, event) => changes(event, allowedTopologies) },
    { kinds: ['CSINode'], helps: (_pod, event) => changes(event, migratedPlugins) },
  ],
  preFilter(pod, view) {
    const claims = claimsOf(pod.pod);
    if (claims.length === 0) return undefined;
    const matchers: NodeMatcher[] = [];
    for (const each of claims) {
      const trouble = troubleWith(each, pod, view);
      if (trouble) return new Rejection(name, [trouble], true);
      const volumeName = view.listers.claim(pod.namespace, each.name)?.spec?.volumeName ?? '';
      const volume = view.listers.volume(volumeName);
      if (!volume) return { filter: () => missing };
      const required = volume.spec?.nodeAffinity?.required;
      if (required) matchers.push(compileNodeSelector(required));
    }
    if (matchers.length === 0) return undefined;
    const reaches = (node: NodeInfo) => matchers.every((matches) => matches(node.labels, node.name));
    return { filter: (node) => (reaches(node) ? undefined : unreachable) };
  },
});

/** Was the object added, or did its update change what `read` reads? */
function changes({ object, oldObject }: ClusterEvent, read: (object: KubeObject) => unknown): boolean {
  return !!object && (!oldObject || JSON.stringify(read(object)) !== JSON.stringify(read(oldObject)));
}

function allowedTopologies(storageClass: KubeObject): unknown {
  return (storageClass as StorageClass).allowedTopologies;
}

function migratedPlugins({ metadata }: KubeObject): unknown {
  return metadata?.annotations?.['storage.alpha.kubernetes.io/migrated-plugins'];
}
