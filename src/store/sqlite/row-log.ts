/** The main thread's side of the storage thread: requests out, answers back, in order. */

import { dirname, extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Clock } from '#base/clock.ts';
import { StoreFullError, StoreLossError } from '../errors.ts';
import type { RowLog } from '../mvcc/row-log.ts';
import type { LogRow } from '../mvcc/version.ts';
import { markEnding } from './damage/opened-mark.ts';
import { FullDisk } from './full-disk.ts';
import {
  type Failure,
  packRows,
  type Reply,
  type Request,
  transferOf,
  unpackRows,
  type WorkerOptions,
} from './messages.ts';

/** Rows forgotten in one transaction: short enough that writers in between hardly wait. */
const discardRowsPerStep = 256;
const readRowsPerStep = 1000;
/** Memory that is kept to carry appends: room for some hundred rows of the usual size. */
const spareBytes = 512 * 1024;

type Done = Extract<Reply, { type: 'done' }>;
type Loaded = Extract<Reply, { type: 'ready' }>;

interface PendingRequest {
  readonly resolve: (done: Done) => void;
  readonly reject: (error: Error) => void;
}

/** Beside this file, or beside the bundle that this file is part of. */
function defaultWorkerUrl(): URL {
  return new URL(`./sqlite-worker${extname(import.meta.url)}`, import.meta.url);
}

export class SqliteRowLog implements RowLog {
  readonly #worker: Worker;
  readonly #pending: PendingRequest[] = [];
  /** Rows of forgotten history: before and after the file knows that it is forgotten. */
  #unmarked: readonly number[] = [];
  #obsolete: number[] = [];
  #sizeBytes = 0;
  #spare: ArrayBuffer | undefined = new ArrayBuffer(spareBytes);
  /** Set once the thread or the disk can no longer be trusted. */
  #broken: Error | undefined;
  #closing = false;
  /** The file's mark is this process's own. */
  #isInUse = false;

  readonly #onBroken: (error: Error) => void;
  readonly #fullDisk: FullDisk;
  readonly #noteEnd: () => unknown;

  constructor(
    options: WorkerOptions,
    clock: Clock,
    workerUrl: URL | undefined,
    onBroken: (error: Error) => void,
  ) {
    this.#onBroken = onBroken;
    this.#fullDisk = new FullDisk(dirname(options.path), clock);
    this.#worker = new Worker(workerUrl ?? defaultWorkerUrl(), { workerData: options });
    this.#worker.on('error', (error) => this.#break(error as Error));
    this.#worker.on('exit', () => {
      this.#noteEnd();
      process.off('exit', this.#noteEnd);
      this.#break(new Error('store: the storage thread ended'));
    });
    this.#noteEnd = () => this.#isInUse && markEnding(options.path);
    process.on('exit', this.#noteEnd);
  }

  /**
   * Hands every stored row to `onRow`, oldest first, and resolves with what else there is to know of the
   * file.
   */
  load(onRow: (row: LogRow) => void): Promise<Loaded> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ resolve: () => {}, reject });
      this.#worker.on('message', (reply: Reply) => {
        if (reply.type === 'loaded') {
          for (const row of unpackRows(reply.rows)) onRow(row);
        } else if (reply.type === 'ready') {
          this.#pending.shift();
          this.#sizeBytes = reply.sizeBytes;
          this.#isInUse = true;
          resolve(reply);
        } else if (reply.type === 'openFailed') {
          this.#break(errorOf(reply.failure));
        } else {
          this.#settle(reply);
        }
      });
    });
  }

  async append(rows: readonly LogRow[], forDeletion: boolean): Promise<void> {
    const packed = packRows(rows, this.#spare);
    if (packed.values.buffer === this.#spare) this.#spare = undefined;
    try {
      const request = { type: 'append', rows: packed, forDeletion } as const;
      const { spare } = await this.#request(request, transferOf(packed));
      if (spare?.byteLength === spareBytes) this.#spare = spare;
    } catch (error) {
      if (error instanceof StoreFullError) this.#fullDisk.met(error);
      throw error;
    }
    if (!forDeletion) this.#fullDisk.passed();
  }

  refusal(): Error | undefined {
    return this.#fullDisk.refusal();
  }

  async read(rowIds: readonly number[]): Promise<Map<number, LogRow>> {
    const found = new Map<number, LogRow>();
    for (let at = 0; at < rowIds.length; at += readRowsPerStep) {
      const done = await this.#request({ type: 'read', rowIds: rowIds.slice(at, at + readRowsPerStep) });
      for (const row of unpackRows(done.rows!)) found.set(row.rowId, { ...row, value: row.value?.slice() });
    }
    return found;
  }

  /** What fails (on a full disk) is tried again with the next compaction, or after a restart. */
  async discard(rowIds: readonly number[], compactedRevision: number): Promise<void> {
    const marking = this.#unmarked.concat(rowIds);
    this.#unmarked = [];
    try {
      await this.#request({ type: 'markCompacted', revision: compactedRevision });
    } catch (error) {
      this.#unmarked = this.#unmarked.concat(marking);
      throw error;
    }
    await this.forget(marking);
  }

  /** Removes rows in bounded steps and gives the space back; writers get their turn between the steps. */
  async forget(rowIds: readonly number[]): Promise<void> {
    this.#obsolete = this.#obsolete.concat(rowIds);
    while (this.#obsolete.length > 0 && !this.#closing) {
      const step = this.#obsolete.splice(-discardRowsPerStep);
      try {
        await this.#request({ type: 'discard', rowIds: step });
      } catch (error) {
        this.#obsolete = this.#obsolete.concat(step);
        throw error;
      }
    }
    let more = true;
    while (more && !this.#closing) more = (await this.#request({ type: 'vacuumStep' })).more === true;
  }

  sizeBytes(): number {
    return this.#sizeBytes;
  }

  failure(): Error | undefined {
    return this.#broken ?? this.#fullDisk.error();
  }

  /** `refused`: it is not taken into use, and the next start must find it as it was. */
  async close(refused = false): Promise<void> {
    this.#closing = true;
    if (refused) this.#isInUse = false;
    try {
      if (!this.#broken) await this.#request({ type: 'close', refused });
    } finally {
      await this.#worker.terminate();
    }
  }

  #request(request: Request, transfer: ArrayBuffer[] = []): Promise<Done> {
    if (this.#broken) return Promise.reject(this.#broken);
    return new Promise((resolve, reject) => {
      this.#pending.push({ resolve, reject });
      this.#worker.postMessage(request, transfer);
    });
  }

  #settle(reply: Extract<Reply, { type: 'done' | 'failed' }>): void {
    const pending = this.#pending.shift()!;
    if (reply.type === 'done') {
      this.#sizeBytes = reply.sizeBytes;
      pending.resolve(reply);
      return;
    }
    const error = errorOf(reply.failure);
    // After a failed fsync the kernel may have dropped what it could not write: only a fresh start knows what
    // is there.
    if (reply.failure.kind === 'disk') this.#break(error);
    pending.reject(error);
  }

  #break(error: Error): void {
    if (!this.#broken && !this.#closing) this.#onBroken(error);
    this.#broken ??= error;
    for (const { reject } of this.#pending.splice(0)) reject(this.#broken);
  }
}

function errorOf({ kind, message }: Failure): Error {
  if (kind === 'loss') return new StoreLossError(message);
  if (kind === 'full') return new StoreFullError(`store: no space left (${message})`);
  return new Error(`store: ${message}`);
}
