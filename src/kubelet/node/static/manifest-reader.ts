/**
 * Reads manifests of static pods. A large text is read by a thread of its own: a megabyte of YAML takes half a second,
 * and the pods of a list are defaulted and checked each.
 */

import { extname } from 'node:path';
import { WorkThread } from '#host/processes/work-thread.ts';
import { parseExactly } from '#wire/json/exact-integers.ts';
import type { NodePod } from '../../pod/pod.ts';
import { type ManifestPlace, readManifests } from './manifest.ts';

/** A longer manifest, or list of them, is not read. */
export const manifestBytesMax = 2 ** 20;
/** What is shorter takes less than fifty milliseconds. */
const largeLengthMin = 64 * 1024;

export interface ManifestText {
  readonly text: string;
  readonly place: ManifestPlace;
}

export type ReadManifests = { readonly pods: readonly NodePod[] } | { readonly error: string };

export class ManifestReader {
  readonly #thread = new WorkThread(workerFile(), {
    idleMs: 10_000,
    workMaxMs: 20_000,
    waitingMax: 32,
    heapMaxMb: 512,
  });

  /** Rejects as `readManifests` throws, and when a large text takes too long. */
  async read(text: string, place: ManifestPlace): Promise<readonly NodePod[]> {
    if (text.length < largeLengthMin) return readManifests(text, place);
    const work = JSON.stringify({ text, place } satisfies ManifestText);
    const answer = parseExactly(await this.#thread.work(Buffer.from(work))) as ReadManifests;
    if ('error' in answer) throw new Error(answer.error);
    return answer.pods;
  }

  stop(): void {
    this.#thread.stop();
  }
}

/** Beside this file, or beside the bundle that this file is part of. */
function workerFile(): URL {
  return new URL(`./manifest-worker${extname(import.meta.url)}`, import.meta.url);
}
