/** The kernel's log from now on, read without waiting: a read that waits would hold one of the few threads of Node. */

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** More than the longest record of the kernel. */
const recordBytesMax = 16 * 1024;
/** Of one call: further records are read with the next call. */
const recordsMax = 10_000;

export class KernelLog {
  readonly #file: FileHandle;
  readonly #buffer = Buffer.alloc(recordBytesMax);

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Skips what the kernel has logged before. Undefined where there is no log to read. */
  static async open(): Promise<KernelLog | undefined> {
    try {
      const log = new KernelLog(await open('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK));
      while ((await log.next()).length === recordsMax);
      return log;
    } catch {
      return undefined;
    }
  }

  /** The messages since the last call, without their prefixes, the oldest first. */
  async next(): Promise<string[]> {
    const messages: string[] = [];
    while (messages.length < recordsMax) {
      const record = await this.#read();
      if (record === undefined) break;
      // `priority,sequence,time,flags;message`, then lines of facts.
      const message = record.slice(record.indexOf(';') + 1);
      messages.push(message.split('\n', 1)[0]!);
    }
    return messages;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** Undefined when there is no more at present. */
  async #read(): Promise<string | undefined> {
    try {
      const { bytesRead } = await this.#file.read(this.#buffer, 0, recordBytesMax, null);
      return bytesRead === 0 ? undefined : this.#buffer.toString('utf8', 0, bytesRead);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') return undefined;
      // Records were overwritten before they could be read.
      if (code === 'EPIPE') return ';';
      throw error;
    }
  }
}
