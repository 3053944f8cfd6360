/**
 * A thread beside the main one for work that would hold everything else up: bytes in, text out, one piece after the other. It is
 * started by the first piece and ends when there has been none for a while, so that it costs nothing where it is not needed.
 */

import { Worker } from 'node:worker_threads';

export interface WorkThreadLimits {
  /** The thread ends after so long without work. */
  readonly idleMs: number;
  /** Work that takes longer is given up, and the thread with it. */
  readonly workMaxMs: number;
  readonly waitingMax: number;
  readonly heapMaxMb: number;
}

/** More work is waiting than the thread is allowed to have. */
export class WorkThreadBusyError extends Error {
  override name = 'WorkThreadBusyError';
}

interface Work {
  readonly bytes: Uint8Array;
  readonly resolve: (text: string) => void;
  readonly reject: (error: Error) => void;
}

export class WorkThread {
  readonly #file: URL;
  readonly #limits: WorkThreadLimits;
  readonly #waiting: Work[] = [];
  #worker: Worker | undefined;
  #current: Work | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  /** `file`: a module that answers each message of bytes with one of text. */
  constructor(file: URL, limits: WorkThreadLimits) {
    this.#file = file;
    this.#limits = limits;
  }

  /** Rejects with what the thread died of, or with a `WorkThreadBusyError`. */
  work(bytes: Uint8Array): Promise<string> {
    if (this.#isStopped) return Promise.reject(new Error('the thread was stopped'));
    if (this.#waiting.length >= this.#limits.waitingMax) return Promise.reject(new WorkThreadBusyError());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes, resolve, reject });
      this.#next();
    });
  }

  /** Ends the thread; what is under way or waiting, and what comes later, is rejected. */
  stop(): void {
    this.#isStopped = true;
    this.#end();
    const error = new Error('the thread was stopped');
    this.#current?.reject(error);
    this.#current = undefined;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  #next(): void {
    if (this.#current || this.#isStopped) return;
    clearTimeout(this.#timer);
    this.#current = this.#waiting.shift();
    if (!this.#current) {
      this.#worker?.unref();
      this.#timer = setTimeout(() => this.#end(), this.#limits.idleMs).unref();
      return;
    }
    const worker = this.#started();
    worker.ref();
    const tooLong = new Error(`not done after ${this.#limits.workMaxMs} ms`);
    this.#timer = setTimeout(() => this.#died(worker, tooLong), this.#limits.workMaxMs);
    worker.postMessage(this.#current.bytes);
  }

  #started(): Worker {
    if (this.#worker) return this.#worker;
    const resourceLimits = { maxOldGenerationSizeMb: this.#limits.heapMaxMb };
    const worker = new Worker(this.#file, { resourceLimits });
    worker.on('message', (text: string) => {
      const done = this.#current;
      this.#current = undefined;
      done?.resolve(text);
      this.#next();
    });
    worker.on('error', (error) => this.#died(worker, error as Error));
    worker.on('exit', () => this.#died(worker, new Error('the thread ended')));
    this.#worker = worker;
    return worker;
  }

  #died(worker: Worker, error: Error): void {
    if (this.#worker !== worker) return;
    this.#end();
    const lost = this.#current;
    this.#current = undefined;
    lost?.reject(error);
    this.#next();
  }

  #end(): void {
    clearTimeout(this.#timer);
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
  }
}
