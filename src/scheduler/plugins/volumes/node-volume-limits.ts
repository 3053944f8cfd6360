/**
 * NodeVolumeLimits: a node takes no more volumes of a CSI driver than its CSINode says.
 *
 * Reads CSINodes, claims, volumes, StorageClasses, VolumeAttachments and the pods on the node. A claim without
 * a volume counts as a new one of its class's provisioner; an attachment counts although no pod uses it. Disks of
 * clouds count as their drivers' volumes.
 */

import type { CSINode, Pod, VolumeAttachment } from '#api/generated/types.gen.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import { inTreePluginOf } from '#api/volumes/in-tree/in-tree-plugins.ts';
import type { Listers } from '../../cache/listers.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import { type ClusterEvent, definePlugin, PluginError, Rejection } from '../../framework.ts';
import { driversByVolume, untranslatedVolume } from './driver-volumes.ts';
import { claimsOf, concernsClaim, namedClaims } from './pod-claims.ts';

const name = 'NodeVolumeLimits';
const exceeded = new Rejection(name, ['node(s) exceed max volume count']);

export const nodeVolumeLimits = definePlugin({
  name,
  hints: [
    {
      kinds: ['CSINode'],
      helps: (_pod, { object, oldObject }) => !oldObject || raisesLimit(object, oldObject),
    },
    {
      kinds: ['Pod/AssignedDelete'],
      helps: (_pod, { pod }) => pod !== undefined && mayUseDriver(pod.pod),
    },
    {
      kinds: ['PersistentVolumeClaim'],
      helps(pod, event: ClusterEvent) {
        const names = claimsOf(pod.pod).map((claim) => claim.name);
        return !event.oldObject && concernsClaim(event, pod, names);
      },
    },
    {
      kinds: ['VolumeAttachment/Delete'],
      helps: ({ pod }, { object }) => namedClaims(pod).length > 0 || names(pod, object as VolumeAttachment),
    },
  ],
  preFilter({ pod }, { listers }) {
    const wanted = driversByVolume([pod], listers);
    const untranslated = untranslatedVolume(pod);
    if (wanted.size === 0 && untranslated === undefined) return undefined;
    return {
      filter(node) {
        // Without a CSINode nothing is known of drivers, and nothing is counted.
        if (untranslated !== undefined && listers.csiNode(node.name)) {
          throw new PluginError(name, 'filter', untranslated);
        }
        const limits = limitsOf(listers.csiNode(node.name), wanted);
        return limits.size > 0 && exceeds(wanted, limits, node, listers) ? exceeded : undefined;
      },
    };
  },
});

function exceeds(
  wanted: ReadonlyMap<string, string>,
  limits: ReadonlyMap<string, number>,
  node: NodeInfo,
  listers: Listers,
): boolean {
  const used = driversByVolume(
    [...node.pods.values()].map(({ pod }) => pod),
    listers,
  );
  const counts = countByDriver(used.values());
  for (const [volume, driver] of attachedTo(node.name, listers)) {
    if (!used.has(volume)) counts.set(driver, (counts.get(driver) ?? 0) + 1);
  }
  const added = countByDriver(
    [...wanted].filter(([volume]) => !used.has(volume)).map(([, driver]) => driver),
  );
  return [...added].some(([driver, count]) => {
    const limit = limits.get(driver);
    return limit !== undefined && (counts.get(driver) ?? 0) + count > limit;
  });
}

/** Of the wanted drivers. */
function limitsOf(csiNode: CSINode | undefined, wanted: ReadonlyMap<string, string>): Map<string, number> {
  const drivers = new Set(wanted.values());
  const limits = new Map<string, number>();
  for (const driver of csiNode?.spec.drivers ?? []) {
    const count = driver.allocatable?.count;
    if (count !== undefined && drivers.has(driver.name)) limits.set(driver.name, count);
  }
  return limits;
}

function countByDriver(drivers: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const driver of drivers) counts.set(driver, (counts.get(driver) ?? 0) + 1);
  return counts;
}

function* attachedTo(node: string, listers: Listers): Generator<[volume: string, driver: string]> {
  for (const { spec } of listers.attachments(node)) {
    const csi = listers.volume(spec.source.persistentVolumeName ?? '')?.spec?.csi;
    if (csi && spec.attacher) yield [`${spec.attacher}/${csi.volumeHandle}`, spec.attacher];
  }
}

function mayUseDriver(pod: Stored<Pod>): boolean {
  return claimsOf(pod).length > 0 || (pod.spec?.volumes ?? []).some(inTreePluginOf);
}

/** Does the pod itself name a disk of the attachment's driver? */
function names({ spec }: Pod, attachment: VolumeAttachment): boolean {
  return (spec?.volumes ?? []).some((volume) => inTreePluginOf(volume)?.driver === attachment.spec.attacher);
}

function raisesLimit(object: KubeObject | undefined, oldObject: KubeObject): boolean {
  const before = new Map(counts(oldObject));
  return counts(object).some(([driver, count]) => count > (before.get(driver) ?? 0));
}

function counts(object: KubeObject | undefined): [driver: string, count: number][] {
  const drivers = (object as Partial<CSINode> | undefined)?.spec?.drivers ?? [];
  return drivers.map(({ name, allocatable }) => [name, allocatable?.count ?? 0]);
}
