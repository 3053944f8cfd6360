/**
 * Volumes and claims as the scheduler has decided about them, ahead of what the informers show: the next pod
 * must not choose a volume that the last one was given.
 *
 * An assumption holds until it is forgotten or the informer shows a newer version. A binding that ends
 * forgets its own, so that there are never more than for the bindings under way.
 */

import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/types.gen.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';

type Volume = Stored<PersistentVolume>;
type Claim = Stored<PersistentVolumeClaim>;

export class AssumedVolumes {
  readonly #volumes = new Map<string, Volume>();
  readonly #claims = new Map<string, Claim>();
  readonly #waiters = new Map<string, Set<() => void>>();

  assumeVolume(volume: Volume): void {
    this.#volumes.set(volume.metadata.name, volume);
  }

  assumeClaim(claim: Claim): void {
    this.#claims.set(keyOf(claim), claim);
  }

  /** A later assumption of the same volume stays. */
  forgetVolume(assumed: Volume): void {
    const { name } = assumed.metadata;
    if (this.#volumes.get(name) === assumed) this.#volumes.delete(name);
  }

  /** A later assumption of the same claim stays. */
  forgetClaim(assumed: Claim): void {
    if (this.#claims.get(keyOf(assumed)) === assumed) this.#claims.delete(keyOf(assumed));
  }

  /** The newer of what is assumed and what the informer shows. */
  volume(shown: Volume): Volume {
    return newer(this.#volumes.get(shown.metadata.name), shown);
  }

  /** The newer of what is assumed and what the informer shows. */
  claim(shown: Claim): Claim {
    return newer(this.#claims.get(keyOf(shown)), shown);
  }

  volumes(shown: readonly Volume[]): readonly Volume[] {
    return this.#volumes.size === 0 ? shown : shown.map((volume) => this.volume(volume));
  }

  /** An informer has shown a change of this claim. */
  claimChanged({ metadata }: KubeObject): void {
    const key = `${metadata?.namespace}/${metadata?.name}`;
    for (const wake of this.#waiters.get(key) ?? []) wake();
  }

  /** Calls `wake` at each change of these claims until the returned function is called. */
  onClaimChange(claims: readonly Claim[], wake: () => void): () => void {
    for (const claim of claims) {
      const waiters = this.#waiters.get(keyOf(claim)) ?? new Set();
      this.#waiters.set(keyOf(claim), waiters.add(wake));
    }
    return () => {
      for (const claim of claims) this.#stopWaking(keyOf(claim), wake);
    };
  }

  #stopWaking(key: string, wake: () => void): void {
    const waiters = this.#waiters.get(key);
    waiters?.delete(wake);
    if (waiters?.size === 0) this.#waiters.delete(key);
  }
}

function newer<T extends Stored<KubeObject>>(assumed: T | undefined, shown: T): T {
  if (!assumed || assumed.metadata.uid !== shown.metadata.uid) return shown;
  const isOvertaken = BigInt(shown.metadata.resourceVersion) > BigInt(assumed.metadata.resourceVersion);
  return isOvertaken ? shown : assumed;
}

function keyOf({ metadata }: Stored<KubeObject>): string {
  return `${metadata.namespace}/${metadata.name}`;
}
