/**
 * Volumes as folders of one directory of this machine, each called by the name of its PersistentVolume. A
 * volume whose size is enforced is a file system of that size in a file of its folder, mounted beside the
 * file; pods get a folder of that file system, which is not there while it is not mounted.
 */

import { TurnByKey } from '#base/collections/turn-by-key.ts';
import type { Log } from '#base/log.ts';
import { errorText } from '#base/text/error-text.ts';
import { ensureDirectory, kindOf, listDirectory, syncDirectory } from '#host/files/files.ts';
import { removeAll } from '#host/files/remove-all.ts';
import { fileDisk } from '#host/kernel/file-disk.ts';
import { unmountUnder } from '#host/kernel/mounts.ts';
import type { NodeStorage, StorageRequest } from './node-storage.ts';

/** Pods of any user may write: the folder that holds it is root's alone. */
const openMode = 0o777;

export class FolderStorage implements NodeStorage {
  readonly #dir: string;
  readonly #log: Log;
  readonly #turns = new TurnByKey();

  /** `dir` is made when the first volume is. */
  constructor(dir: string, log: Log) {
    this.#dir = dir;
    this.#log = log;
  }

  provision({ name, sizeBytes, isEnforced }: StorageRequest): Promise<string> {
    return this.#turns.run(name, async () => {
      await ensureDirectory(this.#dir, 0o700);
      const folder = this.#folder(name);
      const data = isEnforced ? `${folder}/mount/data` : folder;
      if (isEnforced) await this.#makeDisk(name, sizeBytes);
      await ensureDirectory(data, openMode);
      // The PersistentVolume outlives a loss of power: so must what it names.
      const parents = isEnforced ? [`${folder}/mount`, folder, this.#dir] : [this.#dir];
      for (const parent of parents) await syncDirectory(parent);
      return data;
    });
  }

  remove(name: string): Promise<void> {
    return this.#turns.run(name, async () => {
      if ((await kindOf(this.#folder(name))) === undefined) return;
      await unmountUnder(this.#folder(name));
      await removeAll(this.#folder(name));
    });
  }

  expand(name: string, sizeBytes: number): Promise<void> {
    return this.#turns.run(name, async () => {
      if (await this.#isEnforced(name)) await this.#disk(name).grow(sizeBytes);
    });
  }

  async restore(): Promise<void> {
    for (const name of await listDirectory(this.#dir)) {
      await this.#turns
        .run(name, async () => {
          if (await this.#isEnforced(name)) await this.#disk(name).mount();
        })
        .catch((error: unknown) => {
          this.#log.warn('a volume could not be mounted', { volume: name, error: errorText(error) });
        });
    }
  }

  /** Nothing is left of one that cannot be made. */
  async #makeDisk(name: string, sizeBytes: number): Promise<void> {
    await ensureDirectory(this.#folder(name), 0o700);
    try {
      await this.#disk(name).create(sizeBytes);
    } catch (error) {
      if (!(await this.#isEnforced(name))) await removeAll(this.#folder(name));
      throw error;
    }
  }

  async #isEnforced(name: string): Promise<boolean> {
    return (await kindOf(`${this.#folder(name)}/disk`)) === 'file';
  }

  #disk(name: string) {
    return fileDisk(`${this.#folder(name)}/disk`, `${this.#folder(name)}/mount`);
  }

  #folder(name: string): string {
    return `${this.#dir}/${name}`;
  }
}
