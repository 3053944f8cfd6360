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
  CSIDriver,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  VolumeAttachment,
} from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { claimKeyOf } from '#api/volumes/binding.ts';
import { uniqueName } from '#api/volumes/csi-names.ts';
import { claimKeysOf, strayClaimReason } from '#api/volumes/ephemeral.ts';
import type { Clock } from '#base/clock.ts';
import { splitKey } from '#client/controllers/queue-key.ts';
import type { Informer, Informers } from '#client/informers/informer.ts';
import { podsByNode } from '../../shared/pods-by-node.ts';
import { type CsiVolume, csiVolumeOf, inlineVolumesOf } from '../csi-volumes.ts';
import { indexByClaim, podsOfClaim } from '../pods-by-claim.ts';
import { isDone } from './done-pod.ts';
import { InlineVolumes, inlineKey, inlineKeyOf, listOf } from './inline-volumes.ts';
import type { AttachedVolume, NodeView } from './node.ts';
import type { AttachNotes } from './notes.ts';
import type { SameDisk, VolumeView } from './volume.ts';

const byVolume = 'volume';
const byNode = 'node';
const byDriver = 'driver';
const byDisk = 'disk';
const managed = 'volumes.kubernetes.io/controller-managed-attach-detach';

export function volumeKey(name: string): string {
  return `volume/${name}`;
}

/** Of what is attached; undefined for a source that is none of both. */
export function keyOfAttachment(attachment: VolumeAttachment): string | undefined {
  const name = attachment.spec.source.persistentVolumeName;
  return name === undefined ? inlineKeyOf(attachment) : volumeKey(name);
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
  readonly #inline: InlineVolumes;

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
    this.#volumes.addIndex(byDriver, (volume) => listOf(csiVolumeOf(volume)?.spec.csi.driver));
    this.#volumes.addIndex(byDisk, (volume) => {
      const csiVolume = csiVolumeOf(volume);
      return csiVolume ? [inlineKey(csiVolume)] : [];
    });
    this.#inline = new InlineVolumes(this.#pods, this.#attachments);
  }

  /** Undefined for a volume that is not CSI's, or is gone: what to call its attachments is then unknown. */
  ofVolume(name: string, isCurrent: boolean): VolumeView | undefined {
    const volume = this.#volumes.get(undefined, name);
    const csiVolume = csiVolumeOf(volume);
    if (!volume || !csiVolume) return undefined;
    return {
      ...this.#viewOf(csiVolume, this.#usersOf(volume), this.#attachments.byIndex(byVolume, name)),
      source: { persistentVolumeName: name },
      sameDisk: this.#asInline(csiVolume),
      isCurrent,
    };
  }

  /** Of a disk that pods name themselves; undefined when none does, and it is attached nowhere. */
  ofInline(key: string, isCurrent: boolean): VolumeView | undefined {
    const volume = this.#inline.get(key);
    if (!volume) return undefined;
    return {
      ...this.#viewOf(volume, this.#inline.podsOf(key), this.#inline.attachmentsOf(key)),
      source: { inlineVolumeSpec: volume.spec },
      sameDisk: this.#asStored(volume, key),
      isCurrent,
    };
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
    const claimed = claimKeysOf(pod).flatMap((key) => {
      const volume = this.#claims.get(...splitKey(key))?.spec?.volumeName;
      return volume ? [volumeKey(volume)] : [];
    });
    const inline = inlineVolumesOf(pod).map(inlineKey);
    const own = [...claimed, ...inline];
    return [...own, ...own.flatMap((key) => this.keysOfSameDisk(key))];
  }

  /** Of `volume/NAME` the key of pods that name its disk themselves; of such a key those of the PersistentVolumes. */
  keysOfSameDisk(key: string): string[] {
    const [kind, name] = splitKey(key);
    if (kind === 'inline') {
      return this.#volumes.byIndex(byDisk, key).map(({ metadata }) => volumeKey(metadata.name));
    }
    const volume = csiVolumeOf(this.#volumes.get(undefined, name));
    return volume && this.#inline.get(inlineKey(volume)) ? [inlineKey(volume)] : [];
  }

  keysOfNode(name: string): string[] {
    const attached = this.#attachments
      .byIndex(byNode, name)
      .flatMap((attachment) => keyOfAttachment(attachment) ?? []);
    const wanted = this.#podsByNode(name).flatMap((pod) => this.keysOfPod(pod));
    return [...attached, ...wanted];
  }

  keysOfDriver(name: string): string[] {
    const volumes = this.#volumes.byIndex(byDriver, name).map(({ metadata }) => volumeKey(metadata.name));
    return [...volumes, ...this.#inline.keysOfDriver(name)];
  }

  #asInline(volume: CsiVolume): SameDisk {
    const key = inlineKey(volume);
    const holders = this.#inline.attachmentsOf(key).map(({ spec }) => spec.nodeName);
    return { wanted: this.#wantedOn(volume, this.#inline.podsOf(key)), holders: new Set(holders) };
  }

  /** Where both are wanted at once and neither is attached, the PersistentVolume comes first. */
  #asStored(volume: CsiVolume, key: string): SameDisk {
    const stored = this.#volumes.byIndex(byDisk, key);
    const users = stored.flatMap((each) => this.#usersOf(each));
    const wanted = this.#wantedOn(volume, users);
    const attached = stored.flatMap(({ metadata }) => this.#attachments.byIndex(byVolume, metadata.name));
    return { wanted, holders: new Set([...wanted.keys(), ...attached.map(({ spec }) => spec.nodeName)]) };
  }

  #viewOf(
    volume: CsiVolume,
    users: readonly Stored<Pod>[],
    attachments: readonly Stored<VolumeAttachment>[],
  ): Omit<VolumeView, 'source' | 'sameDisk' | 'isCurrent'> {
    const wanted = this.#wantedOn(volume, users);
    const names = [...wanted.keys(), ...attachments.map(({ spec }) => spec.nodeName)];
    const known = names.flatMap((node) => {
      const found = this.#nodes.get(undefined, node);
      return found ? [[node, found] as const] : [];
    });
    const nowMs = this.#clock.now();
    return { volume, wanted, attachments, nodes: new Map(known), notes: this.#notes, nowMs };
  }

  #attachedVolume(attachment: Stored<VolumeAttachment>): AttachedVolume[] {
    const { metadata, spec } = attachment;
    const { persistentVolumeName } = spec.source;
    const stored = this.#volumes.get(undefined, persistentVolumeName ?? '');
    const key = inlineKeyOf(attachment);
    const volume = key === undefined ? csiVolumeOf(stored) : this.#inline.get(key);
    if (!volume) return [];
    const users = key === undefined ? this.#usersOf(stored) : this.#inline.podsOf(key);
    const { driver, volumeHandle } = volume.spec.csi;
    return [
      {
        attachment: metadata.name,
        volumeName: volume.metadata.name,
        uniqueName: uniqueName({ driverName: driver, volumeHandle }),
        pods: this.#wantedOn(volume, users).get(spec.nodeName) ?? [],
      },
    ];
  }

  /** The pods that use the bound claim of the volume. */
  #usersOf(volume: Stored<PersistentVolume> | undefined): Stored<Pod>[] {
    const key = volume && claimKeyOf(volume);
    const claim = key === undefined ? undefined : this.#claims.get(...splitKey(key));
    if (!volume || key === undefined || !claim || !isBoundTo(claim, volume)) return [];
    return podsOfClaim(this.#pods, key).filter((pod) => !isStray(pod, claim));
  }

  /** Those of the pods for which it is to be attached, by their node. */
  #wantedOn({ spec }: CsiVolume, users: readonly Stored<Pod>[]): Map<string, Stored<Pod>[]> {
    const wanted = new Map<string, Stored<Pod>[]>();
    if (this.#drivers.get(undefined, spec.csi.driver)?.spec.attachRequired === false) return wanted;
    for (const pod of users) {
      const { nodeName } = pod.spec ?? {};
      if (!nodeName || isDone(pod) || !this.#isManaged(nodeName)) continue;
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
