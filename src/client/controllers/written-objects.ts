/**
 * What a controller has written of some objects, until its cache shows it: for decisions that look at objects
 * other than the one that their key names. Deciding by the cache alone, it would give two claims the same volume.
 */

import type { KubeObject, Stored } from '#api/meta/object.ts';

export class WrittenObjects {
  readonly #byUid = new Map<string, Stored<KubeObject>>();

  wrote(object: Stored<KubeObject>): void {
    this.#byUid.set(object.metadata.uid, object);
  }

  /** The newer of what was written and what the cache shows. */
  newest<T extends Stored<KubeObject>>(cached: T): T {
    const written = this.#byUid.get(cached.metadata.uid);
    return written && isNewer(written, cached) ? (written as T) : cached;
  }

  /** The cache shows this object now. */
  seen(cached: Stored<KubeObject>): void {
    const written = this.#byUid.get(cached.metadata.uid);
    if (written && !isNewer(written, cached)) this.forget(cached);
  }

  forget({ metadata }: Stored<KubeObject>): void {
    this.#byUid.delete(metadata.uid);
  }
}

function isNewer(a: Stored<KubeObject>, b: Stored<KubeObject>): boolean {
  return BigInt(a.metadata.resourceVersion) > BigInt(b.metadata.resourceVersion);
}
