/** How long `/readyz` takes, and how much memory the server uses meanwhile. */

import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import type { ListLoad } from './list-load/clients.ts';

const probeEveryMs = 20;

export type Endpoint = Pick<ListLoad, 'port' | 'cert' | 'key' | 'ca'>;

/**
 * Requests `/readyz` continuously, each time on a new connection, as a prober does, and samples the server's
 * memory.
 */
export class ReadyProbe {
  readonly #lagsMs: number[] = [];
  readonly #running: Promise<void>;
  #peakBytes = 0;
  #isOver = false;

  constructor(endpoint: Endpoint, pid: number) {
    this.#running = this.#run(endpoint, pid);
  }

  async stop(): Promise<{ lagsMs: number[]; peakBytes: number }> {
    this.#isOver = true;
    await this.#running;
    return { lagsMs: this.#lagsMs.sort((a, b) => a - b), peakBytes: this.#peakBytes };
  }

  async #run(endpoint: Endpoint, pid: number): Promise<void> {
    while (!this.#isOver) {
      const start = performance.now();
      await readyz(endpoint);
      this.#lagsMs.push(performance.now() - start);
      this.#peakBytes = Math.max(this.#peakBytes, residentBytes(pid));
      await wait(probeEveryMs);
    }
  }
}

function readyz({ port, cert, key, ca }: Endpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: '127.0.0.1', port, path: '/readyz', cert, key, ca, agent: false },
      (answer) => {
        answer.resume();
        answer.on('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error('not ready'))));
      },
    );
    outgoing.on('error', reject);
    outgoing.end();
  });
}

export function residentBytes(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) * 1024;
}
