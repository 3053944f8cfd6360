/**
 * Which volumes a pod would have on a node: those that its bound claims have, free ones for claims that wait
 * for their first consumer, and new ones where none is free.
 */

import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { noProvisioner, selectedNode } from '#api/volumes/annotations.ts';
import { chooseForNode, type FittingVolumes, fittingVolumes } from '#api/volumes/find-volume.ts';
import { inTreePluginOf } from '#api/volumes/in-tree/in-tree-plugins.ts';
import { requestedSize } from '#api/volumes/match.ts';
import { reachesNode } from '#api/volumes/node-affinity.ts';
import { classOfClaim } from '#api/volumes/storage-class.ts';
import { errorText } from '#base/text/error-text.ts';
import type { Listers } from '../../cache/listers.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import { PluginError } from '../../framework.ts';
import { allowsNode, roomFor } from './storage-capacity.ts';
import { volumeOnNode } from './volume-on-node.ts';

type Volume = Stored<PersistentVolume>;
export type Claim = Stored<PersistentVolumeClaim>;

export interface ClaimsOfPod {
  readonly bound: readonly Claim[];
  /** Of classes that wait for the first consumer, without a volume. */
  readonly delayed: readonly Claim[];
}

/** What a node would need: volumes to reserve for claims, and claims to have volumes created for. */
export interface PodVolumes {
  readonly bindings: readonly { readonly claim: Claim; readonly volume: Volume }[];
  readonly provisions: readonly Claim[];
}

export type Conflict = 'affinity' | 'no volume' | 'no room' | 'volume is gone';

/** Computed once for a pod, called for many nodes. Undefined when every node has what the pod needs. */
export function podVolumeFinder(
  { bound, delayed }: ClaimsOfPod,
  listers: Listers,
): ((node: NodeInfo) => PodVolumes | readonly Conflict[]) | undefined {
  const volumes = bound.map((claim) => listers.volume(claim.spec?.volumeName ?? ''));
  const isFree = volumes.every((volume) => volume && isEverywhere(volume));
  if (delayed.length === 0 && isFree) return undefined;
  const choices = bySize(delayed).map((claim) => choiceOf(claim, listers));
  return (node) => {
    const conflict = conflictOfBound(volumes, node, listers);
    const found = choose(choices, node);
    if (conflict === undefined) return found;
    return isConflict(found) ? [conflict, ...found].sort(inUpstreamsOrder) : [conflict];
  };
}

export function isConflict(found: PodVolumes | readonly Conflict[]): found is readonly Conflict[] {
  return Array.isArray(found);
}

const order: readonly Conflict[] = ['affinity', 'no volume', 'no room', 'volume is gone'];

function inUpstreamsOrder(a: Conflict, b: Conflict): number {
  return order.indexOf(a) - order.indexOf(b);
}

/** Labels of a cloud's disk say its place, too. */
function isEverywhere({ spec }: Volume): boolean {
  return !spec?.nodeAffinity?.required && !(spec && inTreePluginOf(spec));
}

function conflictOfBound(
  volumes: readonly (Volume | undefined)[],
  { name, labels }: NodeInfo,
  listers: Listers,
): Conflict | undefined {
  for (const volume of volumes) {
    if (!volume) return 'volume is gone';
    if (!reachesNode(onNode(volume, name, listers), labels)) return 'affinity';
  }
  return undefined;
}

function onNode(volume: Volume, node: string, listers: Listers): Volume {
  try {
    return volumeOnNode(volume, node, listers);
  } catch (error) {
    throw new PluginError('VolumeBinding', 'filter', errorText(error));
  }
}

interface Choice {
  readonly claim: Claim;
  /** The node for which a volume is being created already. */
  readonly node: string | undefined;
  readonly fitting: FittingVolumes<Volume>;
  readonly provision: (node: NodeInfo) => Conflict | undefined;
}

function choiceOf(claim: Claim, listers: Listers): Choice {
  const className = classOfClaim(claim);
  return {
    claim,
    node: claim.metadata.annotations?.[selectedNode],
    fitting: fittingVolumes(claim, listers.volumesOfClass(className)),
    provision: provisioning(claim, listers.storageClass(className), listers),
  };
}

function provisioning(
  claim: Claim,
  storageClass: StorageClass | undefined,
  listers: Listers,
): (node: NodeInfo) => Conflict | undefined {
  if (!storageClass?.provisioner || storageClass.provisioner === noProvisioner) return () => 'no volume';
  const hasRoom = roomFor(claim, storageClass, listers);
  return ({ labels }) => {
    if (!allowsNode(storageClass.allowedTopologies, labels)) return 'no volume';
    return hasRoom(labels) ? undefined : 'no room';
  };
}

/** A volume that exists is preferred to one that would have to be created. */
function choose(choices: readonly Choice[], node: NodeInfo): PodVolumes | readonly Conflict[] {
  if (choices.some((choice) => choice.node !== undefined && choice.node !== node.name)) return ['no volume'];
  const bindings: { claim: Claim; volume: Volume }[] = [];
  const provisions: Choice[] = choices.filter((choice) => choice.node !== undefined);
  const taken = new Set<string>();
  for (const choice of choices) {
    if (choice.node !== undefined) continue;
    const volume = chooseForNode(choice.fitting, node.labels, taken);
    if (volume) {
      taken.add(volume.metadata.name);
      bindings.push({ claim: choice.claim, volume });
    } else provisions.push(choice);
  }
  for (const { provision } of provisions) {
    const conflict = provision(node);
    if (conflict) return [conflict];
  }
  return { bindings, provisions: provisions.map(({ claim }) => claim) };
}

/** The smallest claim chooses first. */
function bySize(claims: readonly Claim[]): Claim[] {
  return [...claims].sort((a, b) => requestedSize(a).compare(requestedSize(b)));
}
