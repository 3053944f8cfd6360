/**
 * Attaches volumes of CSI drivers to the nodes of the pods that use them, and detaches them when no pod does.
 * Its keys are `volume/NAME` (a PersistentVolume), `inline/UNIQUE-NAME` (a disk that pods name themselves) and `node/NAME`.
 *
 * Reads pods, claims, volumes, nodes, CSIDrivers and VolumeAttachments; writes VolumeAttachments, the list
 * `volumesAttached` of nodes, and events of pods. Follows upstream's attach detach controller; what is attached
 * is read from the API, not kept in memory.
 */

import {
  csiDrivers,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  volumeAttachments,
} from '#api/generated/kinds.gen.ts';
import type { Node } from '#api/generated/types.gen.ts';
import { isNodeReady } from '#api/nodes/state.ts';
import { type ControllerDefinition, defineController } from '#client/controllers/controller.ts';
import { nothingToDo } from '#client/controllers/plan.ts';
import { splitKey } from '#client/controllers/queue-key.ts';
import { type Watch, watch } from '#client/controllers/watch.ts';
import type { VolumeCounts } from '../volume-counts.ts';
import { detachStep } from './detach-step.ts';
import { isDone } from './done-pod.ts';
import { decideNode } from './node.ts';
import { AttachNotes } from './notes.ts';
import { AttachViews, keyOfAttachment, volumeKey } from './views.ts';
import { decideVolume, nodeKey } from './volume.ts';

export function attachDetach(counts: Pick<VolumeCounts, 'forcedDetach'>): ControllerDefinition {
  return defineController({
    name: 'attachdetach-controller',
    start({ env, informers }) {
      const notes = new AttachNotes(counts);
      const views = new AttachViews(informers, notes, env.clock);
      return {
        steps: [detachStep],
        watches: [...watchesOfVolumes(views, notes), ...watchesOfNodes(views, notes)],
        reconcile(key, { isCurrent }) {
          const [kind, name] = splitKey(key);
          if (kind === 'node') {
            const view = views.ofNode(name);
            return view ? decideNode(view) : nothingToDo;
          }
          const view = kind === 'inline' ? views.ofInline(key, isCurrent) : views.ofVolume(name, isCurrent);
          return view ? decideVolume(view) : nothingToDo;
        },
      };
    },
  });
}

function watchesOfVolumes(views: AttachViews, notes: AttachNotes): Watch[] {
  return [
    watch({ type: persistentVolumes, keys: ({ metadata }) => [volumeKey(metadata.name)] }),
    watch({
      type: volumeAttachments,
      owner: keyOfAttachment,
      keys(attachment) {
        const key = keyOfAttachment(attachment);
        const sameDisk = key === undefined ? [] : views.keysOfSameDisk(key);
        return [nodeKey(attachment.spec.nodeName), ...sameDisk];
      },
      note(change, { metadata }) {
        if (change === 'deleted') notes.forget(metadata.name);
      },
    }),
    watch({
      type: persistentVolumeClaims,
      changed: (old, claim) =>
        old.spec?.volumeName !== claim.spec?.volumeName || old.status?.phase !== claim.status?.phase,
      keys: ({ spec }) => (spec?.volumeName ? [volumeKey(spec.volumeName)] : []),
    }),
    watch({ type: csiDrivers, keys: ({ metadata }) => views.keysOfDriver(metadata.name) }),
  ];
}

function watchesOfNodes(views: AttachViews, notes: AttachNotes): Watch[] {
  return [
    watch({
      type: pods,
      changed: (old, pod) => old.spec?.nodeName !== pod.spec?.nodeName || isDone(old) !== isDone(pod),
      keys: (pod) => views.keysOfPod(pod),
    }),
    watch({
      type: nodes,
      changed: (old, node) => meaningOf(old) !== meaningOf(node),
      keys: ({ metadata }) => [nodeKey(metadata.name), ...views.keysOfNode(metadata.name)],
      note(change, { metadata, status }) {
        if (change === 'deleted') notes.nodeGone(metadata.name, status?.volumesInUse ?? []);
        else notes.nodeBack(metadata.name);
      },
    }),
  ];
}

/** What the decisions look at. */
function meaningOf(node: Node): string {
  const { metadata, spec, status } = node;
  const taints = spec?.taints?.map(({ key }) => key);
  const isManaged = metadata?.annotations?.['volumes.kubernetes.io/controller-managed-attach-detach'];
  return JSON.stringify([
    status?.volumesInUse,
    status?.volumesAttached,
    taints,
    isManaged,
    isNodeReady(node),
  ]);
}
