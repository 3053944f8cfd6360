/**
 * Requests that another API server may answer, or keep waiting, or answer without end: each has a deadline and a bound,
 * and of one API group only so many wait at once, so that a server that hangs holds up no request to other groups. Errors
 * are in the words of Go's client.
 */

import { StatusError, timeout } from '#api/meta/status.ts';
import { isUnexpectedResponse } from '#api/meta/unexpected-response.ts';
import type { Clock } from '#base/clock.ts';
import type { ReadClient } from '#client/client.ts';

/** What a request is about, as errors name it. */
export interface Subject {
  readonly group: string;
  /** `pods.metrics.k8s.io`. */
  readonly resource: string;
  readonly name?: string;
}

/** As the API server's own, which holds for requests from outside of its process. */
const deadlineMs = 60_000;
const late = 'request did not complete within the allotted timeout';
const bytesMax = 16 * 1024 * 1024;
/** A controller has a hundred keys that wait at most, and there are three groups of metrics. */
const waitingMax = 25;

export class Requests {
  readonly #client: ReadClient;
  readonly #clock: Clock;
  readonly #ending: AbortSignal;
  readonly #waiting = new Map<string, number>();

  /** `ending`: when it aborts, all that wait are abandoned. */
  constructor(client: ReadClient, clock: Clock, ending: AbortSignal) {
    this.#client = client;
    this.#clock = clock;
    this.#ending = ending;
  }

  async get(path: string, subject: Subject): Promise<unknown> {
    const { group } = subject;
    const waiting = this.#waiting.get(group) ?? 0;
    if (waiting >= waitingMax) {
      throw new Error(`${waiting} requests to ${group} wait for an answer (${aboutText(subject)})`);
    }
    this.#waiting.set(group, waiting + 1);
    try {
      return await this.#bounded(path);
    } catch (error) {
      throw inGoWords(error, subject);
    } finally {
      this.#leave(group);
    }
  }

  #leave(group: string): void {
    const left = (this.#waiting.get(group) ?? 1) - 1;
    if (left > 0) this.#waiting.set(group, left);
    else this.#waiting.delete(group);
  }

  async #bounded(path: string): Promise<unknown> {
    const { promise: abandoned, reject } = Promise.withResolvers<never>();
    const abort = new AbortController();
    const abandon = (error: Error) => {
      abort.abort(error);
      reject(error);
    };
    const end = () => abandon(this.#ending.reason);
    const timer = this.#clock.after(deadlineMs, () => abandon(timeout(late)));
    this.#ending.addEventListener('abort', end, { once: true });
    try {
      const bounds = { signal: abort.signal, bytesMax };
      return await Promise.race([this.#client.raw('GET', path, undefined, bounds), abandoned]);
    } finally {
      timer.cancel();
      this.#ending.removeEventListener('abort', end);
    }
  }
}

/** An answer that is no Status is named by what it answers. */
function inGoWords(error: unknown, subject: Subject): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  if (!(error instanceof StatusError) || !isUnexpectedResponse(error)) return error;
  return new StatusError({ ...error.status, message: `${error.message} (${aboutText(subject)})` });
}

function aboutText({ resource, name }: Subject): string {
  return `get ${resource}${name === undefined ? '' : ` ${name}`}`;
}
