/**
 * A thread of clients that lives for the whole benchmark, so that no measurement includes compiling the
 * client's code.
 */

import { Worker } from 'node:worker_threads';
import type { ApiLoad, ApiLoadResult } from './api-client.ts';

/** The part of a cluster's PKI that its administrator connects with. */
interface AdminCredentials {
  admin(): { readonly certPem: string; readonly keyPem: string };
  readonly ca: { readonly certPem: string };
}

export class LoadGenerator {
  readonly #worker: Worker;

  /** Its clients authenticate as the cluster's administrator. */
  constructor(pki: AdminCredentials) {
    const { certPem: cert, keyPem: key } = pki.admin();
    this.#worker = new Worker(new URL('./api-client.ts', import.meta.url), {
      workerData: { cert, key, ca: pki.ca.certPem },
    });
  }

  /** One load at a time. */
  run(port: number, load: ApiLoad): Promise<ApiLoadResult> {
    return new Promise((resolve, reject) => {
      const settle = (message: ApiLoadResult | { error: unknown }) => {
        this.#worker.off('error', reject);
        if ('error' in message) reject(message.error);
        else resolve(message);
      };
      this.#worker.once('message', settle);
      this.#worker.once('error', reject);
      this.#worker.postMessage({ port, load });
    });
  }

  async download(port: number, path: string, accept = ''): Promise<Uint8Array> {
    return (await this.run(port, { kind: 'download', path, accept, clients: 1, runMs: 0 })).bytes!;
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
