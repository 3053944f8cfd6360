/**
 * Large bodies of YAML are read by a thread of their own: three megabytes take it a second, and the main
 * thread thirty milliseconds to take over what it found. Each API server has one, and no user can fill its
 * queue.
 */

import { extname } from 'node:path';
import { tooManyRequests } from '#api/meta/status.ts';
import { WorkThread, WorkThreadBusyError } from '#host/processes/work-thread.ts';
import { parseExactly } from '#wire/json/exact-integers.ts';
import type { YamlDocument } from '#wire/yaml/composer.ts';
import { mediaType } from './media-type.ts';

/** What is shorter takes less than fifty milliseconds. */
const largeBytesMin = 100_000;
const waitingMax = 32;
const waitingOfUserMax = 8;

export type LargeYaml =
  | YamlDocument
  | { readonly error: string }
  /** What it has so many of that the main thread does not take it over. */
  | { readonly tooMany: string };

export function isLargeYaml(body: Uint8Array, contentType: string | undefined): boolean {
  if (body.length < largeBytesMin) return false;
  return isAppliedType(contentType) ? !looksLikeJson(body) : isYaml(contentType);
}

/** That is applied: JSON is taken for YAML there. */
export function isAppliedType(contentType: string | undefined): boolean {
  return contentType?.startsWith('application/apply-patch+yaml') === true;
}

const openingBrace = 0x7b;

export function looksLikeJson(body: Uint8Array): boolean {
  return body[0] === openingBrace;
}

/** A patch's own types of body are none of these. */
function isYaml(contentType: string | undefined): boolean {
  return (
    contentType?.includes('yaml') === true && !contentType.includes('+') && mediaType(contentType) === 'yaml'
  );
}

export class LargeYamlReader {
  readonly #thread = new WorkThread(workerFile(), {
    idleMs: 10_000,
    workMaxMs: 20_000,
    waitingMax,
    heapMaxMb: 1024,
  });
  readonly #readingOfUser = new Map<string, number>();

  /** Rejects with a 429 when too many bodies, of all users or of this one, are waiting. */
  async read(body: Uint8Array, user: string): Promise<LargeYaml> {
    const ofUser = this.#readingOfUser.get(user) ?? 0;
    if (ofUser >= waitingOfUserMax) throw busy();
    this.#readingOfUser.set(user, ofUser + 1);
    try {
      return parseExactly(await this.#thread.work(body)) as LargeYaml;
    } catch (error) {
      if (error instanceof WorkThreadBusyError) throw busy();
      throw error;
    } finally {
      this.#leave(user);
    }
  }

  /** What is waiting is refused. */
  stop(): void {
    this.#thread.stop();
  }

  #leave(user: string): void {
    const left = this.#readingOfUser.get(user)! - 1;
    if (left > 0) this.#readingOfUser.set(user, left);
    else this.#readingOfUser.delete(user);
  }
}

/** Beside this file, or beside the bundle that this file is part of. */
function workerFile(): URL {
  return new URL(`./yaml-worker${extname(import.meta.url)}`, import.meta.url);
}

function busy(): Error {
  return tooManyRequests('too many large bodies of YAML are waiting to be read, please try again later', 1);
}
