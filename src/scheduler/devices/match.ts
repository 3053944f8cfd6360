/**
 * Does a device match a request? Asked again and again in a search, and answered once. A selector may cost much: after each
 * that was evaluated, a search may stop.
 */

import { type SelectorCache, SelectorFailure } from '#api/devices/selector.ts';
import type { DeviceSelector } from '#api/generated/types.gen.ts';
import type { Candidate } from './candidate.ts';
import { AllocationFailure, type Request } from './request.ts';
import type { Searching } from './searching.ts';
import { type DeviceNode, isFor } from './slice-index.ts';

export type Matchable = Pick<Request, 'deviceClass' | 'selectors'>;

/** Of one node: by request, then by device. */
export class Matches {
  readonly #node: DeviceNode;
  readonly #selectors: SelectorCache;
  readonly #known = new Map<Matchable, Map<string, boolean>>();

  constructor(node: DeviceNode, selectors: SelectorCache) {
    this.#node = node;
    this.#selectors = selectors;
  }

  /** Undefined when it has not been asked yet. */
  known(request: Matchable, { id }: Candidate): boolean | undefined {
    return this.#known.get(request)?.get(id);
  }

  /** By the selectors of the class and of the request. `claim`: for the message of a failure. */
  *ask(request: Matchable, candidate: Candidate, claim: string): Searching<boolean> {
    const { deviceClass, selectors } = request;
    const { device, slice } = candidate;
    const matches =
      (yield* this.#all(
        deviceClass.spec.selectors ?? [],
        candidate,
        `class ${deviceClass.metadata?.name}`,
      )) &&
      (yield* this.#all(selectors, candidate, `claim ${claim}`)) &&
      (!slice.spec.perDeviceNodeSelection || isFor(device, this.#node));
    const known = this.#known.get(request) ?? new Map<string, boolean>();
    this.#known.set(request, known.set(candidate.id, matches));
    return matches;
  }

  *#all(selectors: readonly DeviceSelector[], candidate: Candidate, of: string): Searching<boolean> {
    for (const [i, selector] of selectors.entries()) {
      const matches = this.#evaluate(selector, candidate, `${of}: selector #${i}`);
      yield;
      if (!matches) return false;
    }
    return true;
  }

  #evaluate({ cel }: DeviceSelector, { device, slice }: Candidate, what: string): boolean {
    try {
      return this.#selectors.get(cel?.expression ?? '').matches(slice.spec.driver, device);
    } catch (error) {
      if (!(error instanceof SelectorFailure)) throw error;
      throw new AllocationFailure(`${what}: ${error.message}`);
    }
  }
}
