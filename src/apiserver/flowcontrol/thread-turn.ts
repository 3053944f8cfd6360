/**
 * The turns of one request on the thread: its first one, and a further one when a large body has come. Bodies of a flood
 * arrive together, and all that have come would be parsed and handled in one turn of the event loop.
 */

import type { Reading } from '../contract/authentication.ts';
import type { RequestInfo } from '../contract/request-info.ts';
import type { ThreadFlow } from './thread-flow.ts';
import type { ThreadTurns } from './thread-turns.ts';

/** To handle a shorter body takes about as long as a request without any. */
const largeBodyBytesMin = 16 * 1024;
/** A request counts as one more for each: a flow that shares the thread has one request at a time with the largest body. */
const bytesPerWeight = 256 * 1024;
const weightMax = 12;
/** Of a body that comes in pieces of its own size: it may be as large as any. */
export const unannouncedBytes = 3 * 1024 * 1024;

const verbsWithBody: ReadonlySet<string> = new Set(['create', 'update', 'patch']);

export class ThreadTurn {
  readonly #turns: ThreadTurns;
  readonly #flow: ThreadFlow;
  readonly #reading: Reading | undefined;
  readonly #weight: number;
  #isUnderWay = false;

  /** `reading`: of the connection, unless it may be taken over. */
  constructor(turns: ThreadTurns, flow: ThreadFlow, bodyBytes: number, reading: Reading | undefined) {
    this.#turns = turns;
    this.#flow = flow;
    this.#reading = reading;
    this.#weight = Math.min(weightMax, 1 + Math.floor(bodyBytes / bytesPerWeight));
  }

  /** If false, the request has to `wait`. */
  mayBegin(nowMs: number): boolean {
    this.#isUnderWay = this.#turns.mayBegin(this.#flow, nowMs, this.#weight);
    return this.#isUnderWay;
  }

  wait(): Promise<void> {
    return new Promise((resolve) => {
      const begin = () => {
        this.#isUnderWay = true;
        resolve();
      };
      this.#turns.wait(this.#flow, begin, this.#weight);
    });
  }

  /** The body has come. Returns a promise where it is so large that what follows waits for a further turn. */
  received(bodyBytes: number): Promise<void> | undefined {
    if (bodyBytes < largeBodyBytesMin || !this.#isUnderWay) return undefined;
    return new Promise((resolve) => this.#turns.goOn(this.#flow, resolve));
  }

  /** The stages of the request have ended. */
  end(): void {
    if (!this.#isUnderWay) return;
    this.#isUnderWay = false;
    this.#turns.ended(this.#flow, this.#reading, this.#weight);
  }
}

/**
 * How large a body a request announces. `mayHaveBody`: it came over a connection that it does not take over. Parts of
 * this process hand over what they have, and an upgrade's bytes are no body.
 */
export function announcedBodyBytes(
  headers: Readonly<Record<string, string>> = {},
  { verb }: Pick<RequestInfo, 'verb'>,
  mayHaveBody: boolean,
): number {
  const length = headers['content-length'];
  if (length !== undefined) return Number(length) || 0;
  return mayHaveBody && verbsWithBody.has(verb) ? unannouncedBytes : 0;
}
