/**
 * Disk space kept for deletions: without it a full disk could not be made emptier, since a deletion is a
 * write too.
 *
 * It is a file beside the store, larger than the write-ahead log usually gets. A deletion, or the end of a
 * compaction, that finds the disk full gives it up and tries again; it is made again when there is plenty of
 * room.
 */

import { rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Free space that must be there besides before the reserve is made. */
const roomFactor = 2;

export class Reserve {
  readonly #path: string;
  readonly #bytes: number;
  #isHeld: boolean;

  constructor(path: string, bytes: number) {
    this.#path = path;
    this.#bytes = bytes;
    // A reserve that a crash cut short is made again.
    this.#isHeld = statSync(path, { throwIfNoEntry: false })?.size === bytes;
  }

  /** True when space was given back. */
  release(): boolean {
    if (!this.#isHeld) return false;
    rmSync(this.#path, { force: true });
    this.#isHeld = false;
    return true;
  }

  /** Cheap when it is held, or when there is no room for it. */
  hold(): void {
    if (this.#isHeld || this.#bytes === 0 || !this.#hasRoom()) return;
    try {
      // Zeros that are written take their blocks, which a file made longer would not.
      writeFileSync(this.#path, new Uint8Array(this.#bytes), { mode: 0o600 });
      this.#isHeld = true;
    } catch {
      rmSync(this.#path, { force: true });
    }
  }

  #hasRoom(): boolean {
    const { bavail, bsize } = statfsSync(dirname(this.#path));
    return bavail * bsize >= this.#bytes * (1 + roomFactor);
  }
}
