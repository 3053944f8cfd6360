/**
 * VolumeBinding: a pod is placed only where its bound volumes are reachable.
 *
 * Reads PersistentVolumeClaims, PersistentVolumes and StorageClasses. Claims must be bound already; a claim
 * that is missing,
 * unbound or waits for its first consumer keeps the pod back, with the reason in the message.
 */

import { compileNodeSelector, type NodeMatcher } from '#api/nodes/node-selector.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import { definePlugin, Rejection } from '../../framework.ts';
import { claimsOf, troubleWith } from './pod-claims.ts';

const name = 'VolumeBinding';
const unreachable = new Rejection(name, ["node(s) didn't match PersistentVolume's node affinity"], true);

export const volumeBinding = definePlugin({
  name,
  hints: [
    { kinds: ['PersistentVolumeClaim', 'PersistentVolume', 'StorageClass', 'CSINode'] },
    { kinds: ['Node/Add', 'Node/Labels'] },
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
      if (!volume) return new Rejection(name, [`persistentvolume "${volumeName}" not found`], true);
      const required = volume.spec?.nodeAffinity?.required;
      if (required) matchers.push(compileNodeSelector(required));
    }
    if (matchers.length === 0) return undefined;
    const reaches = (node: NodeInfo) => matchers.every((matches) => matches(node.labels, node.name));
    return { filter: (node) => (reaches(node) ? undefined : unreachable) };
  },
});
