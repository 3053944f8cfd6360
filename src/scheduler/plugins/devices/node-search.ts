/** The search for devices on one node, which may take several cycles. */

import { type Allocation, type AllocatorParts, allocate } from '../../devices/allocator.ts';
import { AllocationFailure } from '../../devices/request.ts';
import type { Searching } from '../../devices/searching.ts';
import type { DeviceNode } from '../../devices/slice-index.ts';
import type { Claim } from './claims-of-pod.ts';

export type SearchState =
  | { readonly state: 'found'; readonly allocation: Allocation }
  /** No node can satisfy the claims; upstream's text. */
  | { readonly state: 'failed'; readonly reason: string }
  | { readonly state: 'searching' | 'timed out' };

export interface SearchTime {
  readonly monotonicMs: () => number;
  /** Of the whole search; 0: any time. */
  readonly timeoutMs: number;
  /** What earlier searches on the node took, which began on devices that have changed since. */
  readonly spentMs: number;
}

export class NodeSearch {
  readonly claims: readonly Claim[];
  /** Let go at its end: what it knows of devices is much, and is kept for many nodes and pods. */
  #search: Searching<Allocation> | undefined;
  readonly #time: SearchTime;
  #spentMs: number;
  #state: SearchState = { state: 'searching' };

  constructor(claims: readonly Claim[], node: DeviceNode, parts: AllocatorParts, time: SearchTime) {
    this.claims = claims;
    this.#search = allocate(claims, node, parts);
    this.#time = time;
    this.#spentMs = time.spentMs;
  }

  get spentMs(): number {
    return this.#spentMs;
  }

  get state(): SearchState {
    return this.#state;
  }

  /** Searches on until `endMs`, a monotonic time. */
  run(endMs: number): SearchState {
    const search = this.#search;
    if (!search) return this.#state;
    const { monotonicMs, timeoutMs } = this.#time;
    const beganMs = monotonicMs();
    let nowMs = beganMs;
    do {
      this.#state = step(search);
      nowMs = monotonicMs();
    } while (this.#state.state === 'searching' && nowMs < endMs);
    this.#spentMs += nowMs - beganMs;
    if (this.#state.state === 'searching' && timeoutMs > 0 && this.#spentMs >= timeoutMs) {
      this.#state = { state: 'timed out' };
    }
    if (this.#state.state !== 'searching') this.#search = undefined;
    return this.#state;
  }
}

function step(search: Searching<Allocation>): SearchState {
  try {
    const { done, value } = search.next();
    return done ? { state: 'found', allocation: value } : { state: 'searching' };
  } catch (error) {
    if (!(error instanceof AllocationFailure)) throw error;
    return { state: 'failed', reason: error.message };
  }
}
