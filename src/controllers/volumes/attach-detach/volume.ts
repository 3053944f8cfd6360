/**
 * Which VolumeAttachments a volume is to have: pure. Upstream: reconcile of
 * pkg/controller/volume/attachdetach/reconciler.
 *
 * 1. An attachment to a node where no pod wants the volume is deleted, once the node has it unmounted and its
 *    status does not list it as attached any more.
 * 2. A node where a pod wants the volume gets an attachment, unless the volume is for one node and another
 *    node has it.
 *    A disk of a cloud may be a PersistentVolume and named by pods at once: both count as holders.
 * 3. What the attacher reports, or fails to report in time, is recorded as events of the pods.
 */

import { volumeAttachments } from '#api/generated/kinds.gen.ts';
import type { Node, Pod, VolumeAttachment, VolumeAttachmentSource } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { attachmentName, uniqueName } from '#api/volumes/csi-names.ts';
import { type Action, type Plan, planOf, targetOf } from '#client/controllers/plan.ts';
import { special } from '#client/controllers/special.ts';
import type { CsiVolume } from '../csi-volumes.ts';
import { detachVerdict, mayDetach } from './detach.ts';
import { type DetachData, detachStep } from './detach-step.ts';
import { isExclusive, refusalText } from './multi-attach.ts';
import type { AttachNotes } from './notes.ts';

/** As long as upstream waits for an attacher. */
const attachTimeoutMs = 2 * 60_000;

/** The same disk, as pods name it themselves where the view is of a PersistentVolume, and the other way round. */
export interface SameDisk {
  /** The pods that want it, by node. */
  readonly wanted: ReadonlyMap<string, readonly Stored<Pod>[]>;
  /** The nodes that have it, or will have it first. */
  readonly holders: ReadonlySet<string>;
}

export interface VolumeView {
  readonly volume: CsiVolume;
  /** What its attachments name. */
  readonly source: VolumeAttachmentSource;
  /** The pods that want it, by node. */
  readonly wanted: ReadonlyMap<string, readonly Stored<Pod>[]>;
  readonly attachments: readonly Stored<VolumeAttachment>[];
  readonly sameDisk: SameDisk;
  readonly nodes: ReadonlyMap<string, Stored<Node>>;
  readonly notes: AttachNotes;
  readonly nowMs: number;
  /** False while what earlier plans wrote is not seen: nothing is attached or detached then. */
  readonly isCurrent: boolean;
}

export function nodeKey(node: string): string {
  return `node/${node}`;
}

export function decideVolume(view: VolumeView): Plan {
  const steps = [...detachments(view), ...reports(view), ...attachAll(view)];
  const actions = steps.flatMap(({ actions }) => actions);
  const waits = steps.flatMap(({ againInMs }) => (againInMs === undefined ? [] : [againInMs]));
  return planOf(actions, waits.length > 0 ? Math.min(...waits) : undefined);
}

function detachments(view: VolumeView): Plan[] {
  const { attachments, wanted, sameDisk } = view;
  const isWanted = (node: string) => wanted.has(node) || sameDisk.wanted.has(node);
  return attachments
    .filter(({ metadata, spec }) => !metadata.deletionTimestamp && !isWanted(spec.nodeName))
    .map((attachment) => detach(view, attachment));
}

function detach(view: VolumeView, attachment: Stored<VolumeAttachment>): Plan {
  const { nodes, notes, nowMs, isCurrent } = view;
  const { nodeName } = attachment.spec;
  const note = notes.of(attachment.metadata.name);
  note.detachSinceMs ??= nowMs;
  const node = nodes.get(nodeName);
  const name = nameOf(view);
  const isInUse = node ? isListed(node.status?.volumesInUse, name) : notes.wasInUse(nodeName, name);
  const verdict = detachVerdict({ node, isInUse, wantedSinceMs: note.detachSinceMs, nowMs });
  if (!mayDetach(verdict)) return planOf([], verdict.waitMs);
  const listed = node?.status?.volumesAttached?.map((attached) => attached.name);
  // The status goes first: the kubelet must not mount what is being detached.
  if (isListed(listed, name)) return planOf([{ do: 'wake', keys: [nodeKey(nodeName)] }], undefined);
  if (!isCurrent) return planOf([], undefined);
  const target = { ...targetOf(volumeAttachments, attachment), uid: attachment.metadata.uid };
  if (verdict !== 'detach') {
    notes.counts.forcedDetach(verdict);
    return planOf([together({ do: 'delete', ...target, ignore: ['NotFound'] })], undefined);
  }
  const data: DetachData = { attachment, nodeName, uniqueName: name };
  return planOf([special(detachStep, `VolumeAttachment ${attachment.metadata.name}`, data)], undefined);
}

/** What became of attachments that are wanted. */
function reports(view: VolumeView): Plan[] {
  return view.attachments.flatMap((attachment) => {
    const pods = view.wanted.get(attachment.spec.nodeName);
    if (!pods) return [];
    const note = view.notes.of(attachment.metadata.name);
    delete note.detachSinceMs;
    view.notes.allow(view.volume.metadata.name, attachment.spec.nodeName);
    return [report(view, attachment, pods)];
  });
}

function report(view: VolumeView, attachment: Stored<VolumeAttachment>, pods: readonly Stored<Pod>[]): Plan {
  const { notes, nowMs, volume } = view;
  const note = notes.of(attachment.metadata.name);
  const { attached, attachError } = attachment.status ?? {};
  if (attached || attachment.metadata.deletionTimestamp) return planOf([], undefined);
  const failed = (why: string) =>
    eventsOf(
      pods,
      'Warning',
      'FailedAttachVolume',
      `AttachVolume.Attach failed for volume "${volume.metadata.name}" : ${why}`,
    );
  if (attachError) {
    const failure = JSON.stringify([attachError.time, attachError.message]);
    if (failure === note.failure) return planOf([], undefined);
    note.failure = failure;
    return planOf(failed(attachError.message ?? ''), undefined);
  }
  note.attachSinceMs ??= nowMs;
  const leftMs = note.attachSinceMs + attachTimeoutMs - nowMs;
  if (leftMs > 0) return planOf([], leftMs);
  note.attachSinceMs = nowMs;
  const { driver, volumeHandle } = volume.spec.csi;
  const waited = `external-attacher of ${driver} CSI driver to attach volume ${volumeHandle}`;
  return planOf(failed(`timed out waiting for ${waited}`), attachTimeoutMs);
}

function attachAll(view: VolumeView): Plan[] {
  const { attachments, volume, wanted, sameDisk } = view;
  const holders = new Set([...attachments.map(({ spec }) => spec.nodeName), ...sameDisk.holders]);
  const plans: Plan[] = [];
  for (const [node, pods] of wanted) {
    if (holders.has(node)) continue;
    if (isExclusive(volume) && holders.size > 0) {
      plans.push(planOf(refuse(view, node, pods, holders), undefined));
    } else if (view.isCurrent) {
      plans.push(
        planOf(
          [together({ do: 'create', type: volumeAttachments, object: newAttachment(view, node) })],
          undefined,
        ),
      );
      holders.add(node);
    }
  }
  return plans;
}

function refuse(
  { notes, volume, wanted, sameDisk }: VolumeView,
  node: string,
  pods: readonly Stored<Pod>[],
  holders: ReadonlySet<string>,
): Action[] {
  const { name } = volume.metadata;
  if (!notes.refuse(name, node)) return [];
  const users = [...holders].flatMap((holder) => [
    ...(wanted.get(holder) ?? []),
    ...(sameDisk.wanted.get(holder) ?? []),
  ]);
  return pods.flatMap((pod) =>
    eventsOf([pod], 'Warning', 'FailedAttachVolume', refusalText(name, pod, users)),
  );
}

function newAttachment(view: VolumeView, nodeName: string): VolumeAttachment {
  const name = attachmentName(csiNameOf(view), nodeName);
  return {
    metadata: { name },
    spec: { attacher: csiNameOf(view).driverName, nodeName, source: view.source },
  };
}

function csiNameOf({ volume }: VolumeView) {
  const { driver, volumeHandle } = volume.spec.csi;
  return { driverName: driver, volumeHandle };
}

function nameOf(view: VolumeView): string {
  return uniqueName(csiNameOf(view));
}

function isListed(names: readonly string[] | undefined, name: string): boolean {
  return names?.includes(name) ?? false;
}

/** An action that has to be seen in the cache before the view of its key counts as current. */
function together(action: Action): Action {
  return { do: 'together', expected: true, actions: [action] };
}

export function eventsOf(
  pods: readonly Stored<Pod>[],
  eventType: 'Normal' | 'Warning',
  reason: string,
  message: string,
): Action[] {
  return pods.map((pod) => ({ do: 'event', regarding: pod, eventType, reason, message }));
}
