/**
 * Reserves the volumes that were found for a pod on its node, writes that to the API, and waits until the
 * persistent volume binder and the provisioners have done their part. Upstream's texts.
 */

import { persistentVolumeClaims, persistentVolumes } from '#api/generated/kinds.gen.ts';
import type { PersistentVolume } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { selectedNode } from '#api/volumes/annotations.ts';
import { isFullyBound, reserveFor } from '#api/volumes/binding.ts';
import { reachesNode } from '#api/volumes/node-affinity.ts';
import { pause } from '#base/clock.ts';
import { errorText } from '#base/text/error-text.ts';
import type { Client } from '#client/client.ts';
import type { ClusterView } from '../../cache/cluster-view.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import type { Reservation, Waiting } from '../../framework.ts';
import type { Claim, PodVolumes } from './find-pod-volumes.ts';
import { volumeOnNode } from './volume-on-node.ts';

/** Besides changes of the claims, which wake at once. */
const pollMs = 1_000;

/** `isWritten`: the volume was reserved for the claim already, maybe for another pod that uses the claim. */
interface Binding {
  readonly claim: Claim;
  volume: Stored<PersistentVolume>;
  readonly isWritten: boolean;
}

interface Provision {
  claim: Claim;
  readonly isWritten: boolean;
}

export interface ReservationParts {
  readonly view: ClusterView;
  /** How long the volumes may take to be bound. */
  readonly timeoutMs: number;
}

export class VolumeReservation implements Reservation {
  readonly plugin = 'VolumeBinding';
  readonly #pod: PodInfo;
  readonly #node: NodeInfo;
  readonly #view: ClusterView;
  readonly #timeoutMs: number;
  readonly #bindings: Binding[];
  readonly #provisions: Provision[];

  constructor(
    pod: PodInfo,
    node: NodeInfo,
    { bindings, provisions }: PodVolumes,
    { view, timeoutMs }: ReservationParts,
  ) {
    this.#pod = pod;
    this.#node = node;
    this.#view = view;
    this.#timeoutMs = timeoutMs;
    this.#bindings = bindings.map(({ claim, volume: found }) => {
      const volume = reserveFor(found, claim);
      return { claim, volume, isWritten: volume === found };
    });
    this.#provisions = provisions.map((found) => {
      const claim = chosenFor(found, node.name);
      return { claim, isWritten: claim === found };
    });
    const { assumed } = view.listers;
    for (const { volume, isWritten } of this.#bindings) if (!isWritten) assumed.assumeVolume(volume);
    for (const { claim, isWritten } of this.#provisions) if (!isWritten) assumed.assumeClaim(claim);
  }

  async write(client: Client): Promise<void> {
    const { assumed } = this.#view.listers;
    for (const binding of this.#bindings) {
      if (binding.isWritten) continue;
      binding.volume = await client.update(persistentVolumes, binding.volume);
      assumed.assumeVolume(binding.volume);
    }
    for (const provision of this.#provisions) {
      if (provision.isWritten) continue;
      provision.claim = await client.update(persistentVolumeClaims, provision.claim);
      assumed.assumeClaim(provision.claim);
    }
  }

  async settled(wait: Waiting): Promise<void> {
    const { clock, signal } = wait;
    const endMs = clock.monotonicMs() + this.#timeoutMs;
    while (!this.#isBound(wait)) {
      if (clock.monotonicMs() >= endMs) throw new Error('binding volumes: context deadline exceeded');
      await this.#nextLook(wait);
      if (signal.aborted) throw new Error('binding volumes: context canceled');
    }
  }

  release(): void {
    const { assumed } = this.#view.listers;
    for (const { volume, isWritten } of this.#bindings) if (!isWritten) assumed.forgetVolume(volume);
    for (const { claim, isWritten } of this.#provisions) if (!isWritten) assumed.forgetClaim(claim);
  }

  async #nextLook({ clock, signal }: Waiting): Promise<void> {
    const woken = new AbortController();
    const claims = [...this.#bindings, ...this.#provisions].map(({ claim }) => claim);
    const stop = this.#view.listers.assumed.onClaimChange(claims, () => woken.abort());
    try {
      await pause(clock, pollMs, AbortSignal.any([signal, woken.signal]));
    } finally {
      stop();
    }
  }

  /** Throws what makes further waiting useless. */
  #isBound({ isPodWaiting }: Waiting): boolean {
    const { name } = this.#node;
    if (!this.#view.node(name)) throw failure(`failed to get node "${name}": node "${name}" not found`);
    if (!isPodWaiting()) {
      throw failure(`pod does not exist any more: pod "${this.#pod.pod.metadata.name}" not found`);
    }
    return (
      this.#bindings.every((binding) => this.#isBindingDone(binding)) &&
      this.#provisions.every(({ claim }) => this.#isProvisioned(claim))
    );
  }

  #isBindingDone({ volume: { metadata }, claim }: Binding): boolean {
    const volume = this.#view.listers.volume(metadata.name);
    if (!volume) throw failure(`failed to check binding: persistentvolumes "${metadata.name}" not found`);
    this.#mustReach(volume);
    if (!volume.spec?.claimRef?.uid) throw failure(`ClaimRef got reset for pv "${metadata.name}"`);
    return isFullyBound(this.#shown(claim, 'failed to check binding'));
  }

  #isProvisioned(claim: Claim): boolean {
    const shown = this.#shown(claim, 'failed to check provisioning pvc');
    const { name, annotations } = shown.metadata;
    if (!annotations) throw failure(`selectedNode annotation reset for PVC "${name}"`);
    if (annotations[selectedNode] !== this.#node.name) throw failure(`provisioning failed for PVC "${name}"`);
    if (!shown.spec?.volumeName) return false;
    const volume = this.#view.listers.volume(shown.spec.volumeName);
    // The watch of volumes may be behind that of claims.
    if (!volume) return false;
    this.#mustReach(volume);
    return isFullyBound(shown);
  }

  #shown({ metadata }: Claim, action: string): Claim {
    const { namespace = '', name } = metadata;
    const shown = this.#view.listers.claim(namespace, name);
    if (shown) return shown;
    throw failure(`${action}: persistentvolumeclaims "${namespace}/${name}" not found`);
  }

  #mustReach(volume: Stored<PersistentVolume>): void {
    const node = this.#view.node(this.#node.name);
    if (reachesNode(this.#onNode(volume), node?.labels ?? {})) return;
    const { name } = volume.metadata;
    throw failure(
      `pv "${name}" node affinity doesn't match node "${this.#node.name}": no matching NodeSelectorTerms`,
    );
  }

  #onNode(volume: Stored<PersistentVolume>): Stored<PersistentVolume> {
    try {
      return volumeOnNode(volume, this.#node.name, this.#view.listers);
    } catch (error) {
      throw failure(`failed to translate pv to csi: ${errorText(error)}`);
    }
  }
}

function failure(reason: string): Error {
  return new Error(`binding volumes: ${reason}`);
}

function chosenFor(claim: Claim, node: string): Claim {
  if (claim.metadata.annotations?.[selectedNode] === node) return claim;
  const annotations = { ...claim.metadata.annotations, [selectedNode]: node };
  return { ...claim, metadata: { ...claim.metadata, annotations } };
}
