/** The checkpoint of devices on disk: read once, written again after each change. */

import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import { ensureDirectory, readStart } from '#host/files/files.ts';
import { writeDurableFile } from '#host/files/whole-file.ts';
import { type Checkpoint, checkpointText, parseCheckpoint } from './checkpoint.ts';

const fileBytesMax = 16 * 1024 * 1024;
const empty: Checkpoint = { allocations: [], registered: new Map() };

export class CheckpointFile {
  readonly restored: Checkpoint;
  readonly existed: boolean;
  readonly #env: Env;
  readonly #path: string;
  #writing: Promise<void> = Promise.resolve();
  #wanted = '';
  #written = '';

  private constructor(env: Env, path: string, restored: Checkpoint, existed: boolean) {
    this.#env = env;
    this.#path = path;
    this.restored = restored;
    this.existed = existed;
  }

  /** A file that cannot be read is as none, as with upstream. */
  static async open(env: Env, folder: string): Promise<CheckpointFile> {
    await ensureDirectory(folder);
    const path = `${folder}/kubelet_internal_checkpoint`;
    const text = await readStart(path, fileBytesMax);
    if (text === '') return new CheckpointFile(env, path, empty, false);
    try {
      return new CheckpointFile(env, path, parseCheckpoint(text), true);
    } catch (error) {
      env.log.warn('the checkpoint of devices could not be read', { path, error: errorText(error) });
      return new CheckpointFile(env, path, empty, true);
    }
  }

  save(checkpoint: Checkpoint): void {
    this.#wanted = checkpointText(checkpoint);
    this.#writing = this.#writing.then(() => this.#write());
  }

  /** Resolves when the last change is on disk. Rejects, with upstream's words, when it could not be written. */
  async saved(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    await this.#writing;
    if (this.#written !== this.#wanted) {
      throw new Error('failed to write checkpoint file "kubelet_internal_checkpoint"');
    }
  }

  /** Resolves when nothing is being written any more. */
  written(): Promise<void> {
    return this.#writing;
  }

  async #write(): Promise<void> {
    const text = this.#wanted;
    if (text === this.#written) return;
    try {
      await writeDurableFile(this.#path, text);
      this.#written = text;
    } catch (error) {
      this.#env.log.warn('the checkpoint of devices could not be written', { error: errorText(error) });
    }
  }
}
