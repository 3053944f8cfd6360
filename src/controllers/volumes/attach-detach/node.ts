/**
 * Which volumes the status of a node lists as attached: pure. The kubelet mounts what is listed; what is about
 * to be detached is taken off the list first. Upstream: statusupdater of pkg/controller/volume/attachdetach.
 */

import { nodes } from '#api/generated/kinds.gen.ts';
import type { Node, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { nothingToDo, type Plan, planOf, targetOf } from '#client/controllers/plan.ts';
import { detachVerdict, mayDetach } from './detach.ts';
import type { AttachNotes } from './notes.ts';
import { eventsOf } from './volume.ts';

/** A volume that its attacher reports as attached to the node. */
export interface AttachedVolume {
  /** Of the VolumeAttachment. */
  readonly attachment: string;
  readonly volumeName: string;
  readonly uniqueName: string;
  /** The pods of the node that want it. */
  readonly pods: readonly Stored<Pod>[];
}

export interface NodeView {
  readonly node: Stored<Node>;
  readonly attached: readonly AttachedVolume[];
  readonly notes: AttachNotes;
  readonly nowMs: number;
}

export function decideNode(view: NodeView): Plan {
  const { node } = view;
  const listed = new Set((node.status?.volumesAttached ?? []).map(({ name }) => name));
  const kept = view.attached.filter((volume) => isKept(view, volume));
  const names = [...new Set(kept.map(({ uniqueName }) => uniqueName))].sort();
  if (names.length === listed.size && names.every((name) => listed.has(name))) return nothingToDo;
  const volumesAttached = names.map((name) => ({ name, devicePath: '' }));
  const { resourceVersion } = node.metadata;
  const events = kept
    .filter(({ uniqueName }) => !listed.has(uniqueName))
    .flatMap(({ pods, volumeName }) => {
      const message = `AttachVolume.Attach succeeded for volume "${volumeName}" `;
      return eventsOf(pods, 'Normal', 'SuccessfulAttachVolume', message);
    });
  // Of this version only: the list is written as a whole.
  const patch = {
    metadata: { resourceVersion },
    status: { volumesAttached: names.length > 0 ? volumesAttached : null },
  };
  const write = {
    do: 'patch',
    ...targetOf(nodes, node),
    patchType: 'merge',
    subresource: 'status',
    patch,
  } as const;
  return planOf([{ ...write, ifDone: events }], undefined);
}

function isKept({ node, notes, nowMs }: NodeView, { attachment, uniqueName, pods }: AttachedVolume): boolean {
  if (pods.length > 0) return true;
  const isInUse = node.status?.volumesInUse?.includes(uniqueName) ?? false;
  const wantedSinceMs = notes.of(attachment).detachSinceMs ?? nowMs;
  return !mayDetach(detachVerdict({ node, isInUse, wantedSinceMs, nowMs }));
}
