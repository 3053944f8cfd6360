/**
 * A thread for work that would block the main one: bytes in, text out, one job after the other. It is started
 * by the first job and ends after an idle time, so that it costs nothing where it is not needed.
 */

import { Worker } from 'node:worker_threads';

export interface WorkThreadLimits {
  /** Time without work after which the thread ends. */
  readonly idleMs: number;
  /** A job that takes longer is abandoned, and the thread is ended. */
  readonly workMaxMs: number;
  readonly waitingMax: number;
  readonly heapMaxMb: number;
}

/** More jobs are waiting than allowed. */
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

  /** Rejects with the thread's error, or with a `WorkThreadBusyError`. */
  work(bytes: Uint8Array): Promise<string> {
    if (this.#isStopped) return Promise.reject(new Error('the thread was stopped'));
    if (this.#waiting.length >= this.#limits.waitingMax) return Promise.reject(new WorkThreadBusyError());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes, resolve, reject });
      this.#next();
    });
  }

  /** Ends the thread; jobs in progress, waiting and later ones are rejected. */
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
