/** Reads CDI specifications. A large text is read by a thread of its own: a megabyte takes more than half a second. */

import { extname } from 'node:path';
import { WorkThread } from '#host/processes/work-thread.ts';
import { readSpec } from './read-spec.ts';
import type { CdiSpec } from './spec.ts';

/** What is shorter takes less than fifty milliseconds. */
const largeLengthMin = 64 * 1024;

export type ReadSpec = { readonly spec: CdiSpec } | { readonly error: string };

export class SpecReader {
  /** Ends by itself when it is idle. */
  readonly #thread = new WorkThread(workerFile(), {
    idleMs: 10_000,
    workMaxMs: 20_000,
    waitingMax: 2000,
    heapMaxMb: 512,
  });

  /** Rejects as `readSpec` throws, and when a large text takes too long. */
  async read(text: string): Promise<CdiSpec> {
    if (text.length < largeLengthMin) return readSpec(text);
    const answer = JSON.parse(await this.#thread.work(Buffer.from(text))) as ReadSpec;
    if ('error' in answer) throw new Error(answer.error);
    return answer.spec;
  }
}

/** Beside this file, or beside the bundle that this file is part of. */
function workerFile(): URL {
  return new URL(`./cdi-spec-worker${extname(import.meta.url)}`, import.meta.url);
}
