/**
 * Remembers which version of an object a controller has written last, so that it does not decide by an older
 * one: what it wrote and what the write led to arrive by different watches, in any order. Upstream's workload
 * controllers do so since v1.36 (StaleControllerConsistency).
 */

import type { KubeObject, Stored } from '#api/meta/object.ts';

interface Written {
  readonly version: bigint;
  /** A decision was put off until the cache shows this version. */
  isAwaited: boolean;
}

export class WrittenVersions {
  readonly #byUid = new Map<string, Written>();

  wrote({ metadata }: Stored<KubeObject>): void {
    const version = BigInt(metadata.resourceVersion);
    const before = this.#byUid.get(metadata.uid);
    if (before && before.version >= version) return;
    this.#byUid.set(metadata.uid, { version, isAwaited: before?.isAwaited ?? false });
  }

  /** The cached object is older than what was written: its update is on the way. */
  isOutdated(cached: Stored<KubeObject>): boolean {
    const written = this.#byUid.get(cached.metadata.uid);
    if (!written || this.#reached(written, cached)) return false;
    written.isAwaited = true;
    return true;
  }

  /** The cache shows this object now. Returns whether a decision has waited for it. */
  seen(cached: Stored<KubeObject>): boolean {
    const written = this.#byUid.get(cached.metadata.uid);
    return written !== undefined && this.#reached(written, cached) && written.isAwaited;
  }

  forget({ metadata }: Stored<KubeObject>): void {
    this.#byUid.delete(metadata.uid);
  }

  #reached(written: Written, { metadata }: Stored<KubeObject>): boolean {
    if (BigInt(metadata.resourceVersion) < written.version) return false;
    this.#byUid.delete(metadata.uid);
    return true;
  }
}
