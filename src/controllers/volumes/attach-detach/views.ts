/** What the caches show of a volume or a node that the attach-detach controller decides about. */

import {
  csiDrivers,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  volumeAttachments,
} from '#api/generated/kinds.gen.ts';
import type {
  ContainerStatus,
  CSIDriver,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  VolumeAttachment,
} from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { isPodTerminal } from '#api/pods/state.ts';
import { claimKeyOf } from '#api/volumes/binding.ts';
import { uniqueName } from '#api/volumes/csi-names.ts';
import { claimKeysOf, strayClaimReason } from '#api/volumes/ephemeral.ts';
import type { Clock } from '#base/clock.ts';
import { splitKey } from '#client/controllers/queue-key.ts';
import type { Informer, Informers } from '#client/informers/informer.ts';
import { podsByNode } from '../../shared/pods-by-node.ts';
import { indexByClaim, podsOfClaim } from '../pods-by-claim.ts';
import type { AttachedVolume, NodeView } from './node.ts';
import type { AttachNotes } from './notes.ts';
import type { VolumeView } from './volume.ts';

const byVolume = 'volume';
const byNode = 'node';
const byDriver = 'driver';
const managed = 'volumes.kubernetes.io/controller-managed-attach-detach';

export function volumeKey(name: string): string {
  return `volume/${name}`;
}

/** Does the pod no longer need its volumes? A deleted pod is done when none of its containers runs. */
export function isDone(pod: Stored<Pod>): boolean {
  if (isPodTerminal(pod)) return true;
  if (!pod.metadata.deletionTimestamp) return false;
  const {
    initContainerStatuses = [],
    containerStatuses = [],
    ephemeralContainerStatuses = [],
  } = pod.status ?? {};
  return ![...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses].some(mayRun);
}

function mayRun({ state }: ContainerStatus): boolean {
  return !state?.terminated && !state?.waiting;
}

export class AttachViews {
  readonly #notes: AttachNotes;
  readonly #clock: Clock;
  readonly #pods: Informer<Pod>;
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #volumes: Informer<PersistentVolume>;
  readonly #nodes: Informer<Node>;
  readonly #drivers: Informer<CSIDriver>;
  readonly #attachments: Informer<VolumeAttachment>;
  readonly #podsByNode: (node: string) => Stored<Pod>[];

  constructor(informers: Informers, notes: AttachNotes, clock: Clock) {
    this.#notes = notes;
    this.#clock = clock;
    this.#pods = informers.for(pods);
    this.#claims = informers.for(persistentVolumeClaims);
    this.#volumes = informers.for(persistentVolumes);
    this.#nodes = informers.for(nodes);
    this.#drivers = informers.for(csiDrivers);
    this.#attachments = informers.for(volumeAttachments);
    this.#podsByNode = podsByNode(informers);
    indexByClaim(this.#pods);
    this.#attachments.addIndex(byVolume, ({ spec }) =>
      spec.source.persistentVolumeName ? [spec.source.persistentVolumeName] : [],
    );
    this.#attachments.addIndex(byNode, ({ spec }) => [spec.nodeName]);
    this.#volumes.addIndex(byDriver, ({ spec }) => (spec?.csi ? [spec.csi.driver] : []));
  }

  /** Undefined for a volume that is not CSI's, or is gone: what to call its attachments is then unknown. */
  ofVolume(name: string, isCurrent: boolean): VolumeView | undefined {
    const volume = this.#volumes.get(undefined, name);
    if (!volume?.spec?.csi) return undefined;
    const attachments = this.#attachments.byIndex(byVolume, name);
    const wanted = this.#isAttachable(volume) ? this.#wantedOn(volume) : new Map<string, Stored<Pod>[]>();
    const names = [...wanted.keys(), ...attachments.map(({ spec }) => spec.nodeName)];
    const known = names.flatMap((node) => {
      const found = this.#nodes.get(undefined, node);
      return found ? [[node, found] as const] : [];
    });
    const nowMs = this.#clock.now();
    return { volume, wanted, attachments, nodes: new Map(known), notes: this.#notes, nowMs, isCurrent };
  }

  ofNode(name: string): NodeView | undefined {
    const node = this.#nodes.get(undefined, name);
    if (!node) return undefined;
    const attached = this.#attachments
      .byIndex(byNode, name)
      .filter(({ metadata, status }) => status?.attached && !metadata.deletionTimestamp)
      .flatMap((attachment) => this.#attachedVolume(attachment));
    return { node, attached, notes: this.#notes, nowMs: this.#clock.now() };
  }

  keysOfPod(pod: Stored<Pod>): string[] {
    return claimKeysOf(pod).flatMap((key) => {
      const volume = this.#claims.get(...splitKey(key))?.spec?.volumeName;
      return volume ? [volumeKey(volume)] : [];
    });
  }

  keysOfNode(name: string): string[] {
    const attached = this.#attachments
      .byIndex(byNode, name)
      .flatMap(({ spec }) => (spec.source.persistentVolumeName ? [spec.source.persistentVolumeName] : []));
    const wanted = this.#podsByNode(name).flatMap((pod) => this.keysOfPod(pod));
    return [...attached.map(volumeKey), ...wanted];
  }

  keysOfDriver(name: string): string[] {
    return this.#volumes.byIndex(byDriver, name).map(({ metadata }) => volumeKey(metadata.name));
  }

  #attachedVolume({ metadata, spec }: Stored<VolumeAttachment>): AttachedVolume[] {
    const volume = this.#volumes.get(undefined, spec.source.persistentVolumeName ?? '');
    if (!volume?.spec?.csi) return [];
    const { driver, volumeHandle } = volume.spec.csi;
    const wanted = this.#isAttachable(volume) ? this.#wantedOn(volume).get(spec.nodeName) : undefined;
    return [
      {
        attachment: metadata.name,
        volumeName: volume.metadata.name,
        uniqueName: uniqueName({ driverName: driver, volumeHandle }),
        pods: wanted ?? [],
      },
    ];
  }

  #isAttachable({ spec }: PersistentVolume): boolean {
    return this.#drivers.get(undefined, spec?.csi?.driver ?? '')?.spec.attachRequired !== false;
  }

  /** The pods that use the bound claim of the volume, by their node. */
  #wantedOn(volume: Stored<PersistentVolume>): Map<string, Stored<Pod>[]> {
    const wanted = new Map<string, Stored<Pod>[]>();
    const key = claimKeyOf(volume);
    const claim = key === undefined ? undefined : this.#claims.get(...splitKey(key));
    if (key === undefined || !claim || !isBoundTo(claim, volume)) return wanted;
    for (const pod of podsOfClaim(this.#pods, key)) {
      const { nodeName } = pod.spec ?? {};
      if (!nodeName || isDone(pod) || !this.#isManaged(nodeName) || isStray(pod, claim)) continue;
      wanted.set(nodeName, [...(wanted.get(nodeName) ?? []), pod]);
    }
    return wanted;
  }

  /** Does the kubelet of the node leave attaching to this controller? */
  #isManaged(node: string): boolean {
    return this.#nodes.get(undefined, node)?.metadata.annotations?.[managed] !== undefined;
  }
}

function isBoundTo(
  { metadata, spec, status }: Stored<PersistentVolumeClaim>,
  volume: Stored<PersistentVolume>,
) {
  const isOwn = volume.spec?.claimRef?.uid === metadata.uid;
  return isOwn && status?.phase === 'Bound' && spec?.volumeName === volume.metadata.name;
}

/** Has the claim the name of an ephemeral volume's claim of the pod, without being owned by the pod? */
function isStray(pod: Stored<Pod>, claim: Stored<PersistentVolumeClaim>): boolean {
  const ephemeral = (pod.spec?.volumes ?? []).some(
    (volume) => volume.ephemeral && `${pod.metadata.name}-${volume.name}` === claim.metadata.name,
  );
  return ephemeral && strayClaimReason(pod, claim) !== undefined;
}
