/** The checkpoint of devices on disk: read once, written again after each change. */

import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import { ensureDirectory } from '#host/files/files.ts';
import { StateFile } from '../../../paths/state-file.ts';
import { type Checkpoint, checkpointText, parseCheckpoint } from './format.ts';

const fileName = 'kubelet_internal_checkpoint';
const empty: Checkpoint = { allocations: [], registered: new Map() };

export class CheckpointFile {
  readonly restored: Checkpoint;
  readonly existed: boolean;
  readonly #file: StateFile;

  private constructor(file: StateFile, restored: Checkpoint, existed: boolean) {
    this.#file = file;
    this.restored = restored;
    this.existed = existed;
  }

  /** A file that cannot be read is as none, as with upstream. */
  static async open(env: Env, folder: string): Promise<CheckpointFile> {
    await ensureDirectory(folder);
    const file = new StateFile(env.log, `${folder}/${fileName}`);
    const text = await file.read();
    if (text === '') return new CheckpointFile(file, empty, false);
    try {
      return new CheckpointFile(file, parseCheckpoint(text), true);
    } catch (error) {
      const problem = { path: file.path, error: errorText(error) };
      env.log.warn('the checkpoint of devices could not be read', problem);
      return new CheckpointFile(file, empty, true);
    }
  }

  save(checkpoint: Checkpoint): void {
    this.#file.save(() => checkpointText(checkpoint));
  }

  /** Resolves when the last change is on disk. Rejects, with upstream's words, when it could not be written. */
  async saved(): Promise<void> {
    try {
      await this.#file.saved();
    } catch (error) {
      throw new Error(`failed to write checkpoint file "${fileName}": ${errorText(error)}`);
    }
  }

  /** Resolves when nothing is being written any more. */
  async written(): Promise<void> {
    await this.#file.saved().catch(() => undefined);
  }
}
