/**
 * Which images the kubelet has pulled, and for whom, in upstream's folders: they outlive the kubelet. Upstream:
 * pkg/kubelet/images/pullmanager.
 *
 *   1. a pull is noted before it begins: the image of one that was cut off does not count as loaded by hand
 *   2. when it has succeeded, the record says who may use the image, and the note goes
 *   3. records of images that are gone are removed
 */

import { createHash } from 'node:crypto';
import { ensureDirectory, listDirectory, readStart } from '#host/files/files.ts';
import { removeAll } from '#host/files/remove-all.ts';
import { writeWholeFileLater } from '#host/files/whole-file.ts';
import type { PullRecord } from './pull-access.ts';

const recordMaxBytes = 1024 * 1024;

interface PullIntent {
  readonly kind: 'ImagePullIntent';
  readonly apiVersion: 'kubelet.config.k8s.io/v1alpha1';
  readonly image: string;
}

export class PullRecords {
  /** Undefined: in memory only. */
  readonly #dir: string | undefined;
  /** By the runtime's reference of the image. */
  readonly #records = new Map<string, PullRecord>();
  /** Images whose pull has begun, and not ended, with the number of these pulls. */
  readonly #pulling = new Map<string, number>();
  #writing: Promise<unknown> = Promise.resolve();

  constructor(dir?: string) {
    this.#dir = dir;
  }

  /** Reads what an earlier kubelet has left; a file that is no record is passed over. */
  async load(): Promise<void> {
    if (this.#dir === undefined) return;
    for (const folder of ['pulling', 'pulled']) await ensureDirectory(`${this.#dir}/${folder}`, 0o700);
    for (const { image } of await this.#readAll<PullIntent>('pulling')) {
      if (typeof image === 'string') this.#pulling.set(image, 0);
    }
    for (const record of await this.#readAll<PullRecord>('pulled')) {
      if (isWhole(record)) this.#records.set(record.imageRef, record);
    }
  }

  get(imageRef: string): PullRecord | undefined {
    return this.#records.get(imageRef);
  }

  /** A pull of this name has begun; also one that an earlier kubelet has not ended. */
  isPulling(image: string): boolean {
    return this.#pulling.has(image);
  }

  /** Resolves when the note is on disk. */
  async begin(image: string): Promise<void> {
    this.#pulling.set(image, (this.#pulling.get(image) ?? 0) + 1);
    const intent: PullIntent = {
      kind: 'ImagePullIntent',
      apiVersion: 'kubelet.config.k8s.io/v1alpha1',
      image,
    };
    await this.#write('pulling', image, intent);
  }

  /** The pull has ended; a note that cannot be removed does no harm. */
  async end(image: string): Promise<void> {
    const others = (this.#pulling.get(image) ?? 1) - 1;
    if (others > 0) return void this.#pulling.set(image, others);
    this.#pulling.delete(image);
    await this.#remove('pulling', image);
  }

  async put(record: PullRecord): Promise<void> {
    this.#records.set(record.imageRef, record);
    await this.#write('pulled', record.imageRef, record);
  }

  /** Removes the records of images that are not present. */
  async prune(present: ReadonlySet<string>): Promise<void> {
    for (const imageRef of [...this.#records.keys()].filter((ref) => !present.has(ref))) {
      this.#records.delete(imageRef);
      await this.#remove('pulled', imageRef);
    }
  }

  async #readAll<T>(folder: string): Promise<Partial<T>[]> {
    const dir = `${this.#dir}/${folder}`;
    const found: Partial<T>[] = [];
    for (const name of await listDirectory(dir)) {
      try {
        const value: unknown = JSON.parse(await readStart(`${dir}/${name}`, recordMaxBytes));
        if (typeof value === 'object' && value !== null) found.push(value as Partial<T>);
      } catch {
        // Written by another version, or cut off: its image is verified when it is next used.
      }
    }
    return found;
  }

  #write(folder: string, key: string, value: object): Promise<void> {
    return this.#inOrder(folder, key, (path) => writeWholeFileLater(path, JSON.stringify(value)));
  }

  #remove(folder: string, key: string): Promise<void> {
    return this.#inOrder(folder, key, (path) => removeAll(path));
  }

  /** One file operation at a time: the next one may be of the same file. */
  #inOrder(folder: string, key: string, step: (path: string) => Promise<void>): Promise<void> {
    if (this.#dir === undefined) return Promise.resolve();
    const path = `${this.#dir}/${folder}/sha256-${createHash('sha256').update(key).digest('hex')}`;
    const done = this.#writing.then(() => step(path));
    this.#writing = done.catch(() => {});
    return done;
  }
}

function isWhole(record: Partial<PullRecord>): record is PullRecord {
  return typeof record.imageRef === 'string' && typeof record.credentialMapping === 'object';
}
