/**
 * Remembers which version of an object a controller has written last, so that it does not decide by an older one: what
 * it wrote and what the write led to arrive by different watches, in any order. Upstream's controllers know it of
 * themselves since v1.36 (StaleControllerConsistency).
 */

import type { KubeObject, Stored } from '#api/meta/object.ts';

export class WrittenVersions {
  private readonly byUid = new Map<string, bigint>();

  wrote({ metadata }: Stored<KubeObject>): void {
    this.byUid.set(metadata.uid, BigInt(metadata.resourceVersion));
  }

  /** Then its update is on the way, and will wake whoever waits for it. */
  isOutdated({ metadata }: Stored<KubeObject>): boolean {
    const written = this.byUid.get(metadata.uid);
    return written !== undefined && BigInt(metadata.resourceVersion) < written;
  }

  forget(uid: string): void {
    this.byUid.delete(uid);
  }
}
