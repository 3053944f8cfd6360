/** Does a device match a request? Asked again and again in a search, and answered once. */

import { type SelectorCache, SelectorFailure } from '#api/devices/selector.ts';
import type { DeviceSelector } from '#api/generated/types.gen.ts';
import type { Candidate } from './candidate.ts';
import { AllocationFailure, type Request } from './request.ts';
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

  /** By the selectors of the class and of the request. `claim`: for the message of a failure. */
  has(request: Matchable, candidate: Candidate, claim: string): boolean {
    const known = this.#known.get(request) ?? new Map<string, boolean>();
    this.#known.set(request, known);
    let matches = known.get(candidate.id);
    if (matches === undefined) {
      matches = this.#ask(request, candidate, claim);
      known.set(candidate.id, matches);
    }
    return matches;
  }

  #ask({ deviceClass, selectors }: Matchable, candidate: Candidate, claim: string): boolean {
    const { device, slice } = candidate;
    return (
      this.#all(deviceClass.spec.selectors ?? [], candidate, `class ${deviceClass.metadata?.name}`) &&
      this.#all(selectors, candidate, `claim ${claim}`) &&
      (!slice.spec.perDeviceNodeSelection || isFor(device, this.#node))
    );
  }

  #all(selectors: readonly DeviceSelector[], { device, slice }: Candidate, of: string): boolean {
    return selectors.every(({ cel }, i) => {
      try {
        return this.#selectors.get(cel?.expression ?? '').matches(slice.spec.driver, device);
      } catch (error) {
        if (!(error instanceof SelectorFailure)) throw error;
        throw new AllocationFailure(`${of}: selector #${i}: ${error.message}`);
      }
    });
  }
}
