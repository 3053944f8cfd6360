/**
 * What a manager of the kubelet has given to pods, on disk for the kubelet's next start: `cpu_manager_state` and its like.
 * Written whole or not at all; changes that come while the file is written are written together. Upstream:
 * pkg/kubelet/checkpointmanager.
 */

import type { Log } from '#base/log.ts';
import { errorText } from '#base/text/error-text.ts';
import { readStart } from '#host/files/files.ts';
import { writeDurableFile } from '#host/files/whole-file.ts';

const stateBytesMax = 64 * 1024 * 1024;

/** The state of an earlier kubelet cannot be used: the message says, in upstream's words, what to do. */
export class StateFileError extends Error {
  override name = 'StateFileError';
}

export class StateFile {
  readonly path: string;
  readonly #log: Log;
  /** The newest state, until it is on disk. */
  #unwritten: (() => string) | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(log: Log, path: string) {
    this.#log = log;
    this.path = path;
  }

  /** Empty where there is no file. */
  read(): Promise<string> {
    return readStart(this.path, stateBytesMax);
  }

  /** Begins to write the state; `text` is called when its turn comes. A write that fails is logged. */
  save(text: () => string): void {
    this.#unwritten = text;
    void this.saved().catch(() => undefined);
  }

  /** Resolves when the newest state is on disk; it is written again if that failed before. Rejects when it fails. */
  saved(): Promise<void> {
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    const text = this.#unwritten;
    if (!text) return;
    try {
      await writeDurableFile(this.path, readable(text()));
    } catch (error) {
      this.#log.warn('a state file could not be written', { path: this.path, error: errorText(error) });
      throw error;
    }
    if (this.#unwritten === text) this.#unwritten = undefined;
  }
}

/** A state that could not be read again would be lost. */
function readable(text: string): string {
  const bytes = Buffer.byteLength(text);
  if (bytes <= stateBytesMax) return text;
  throw new Error(`the state has ${bytes} bytes, more than ${stateBytesMax}`);
}
