/**
 * Looks for devices for all requests of all claims, depth first: a device that leaves a later request without
 * one is given back, and the next is tried. The devices of one request are tried in one order only, as others
 * would be the same choice. Upstream: allocateOne of the structured allocator.
 *
 * A search can be long: it stops after every few devices that it has tried, and after each selector that it had to evaluate.
 */

import type { BeingAllocated, Chosen } from './being-allocated.ts';
import type { Candidate } from './candidate.ts';
import type { Matches } from './match.ts';
import { devicesMax, type PreparedClaim } from './prepare-claims.ts';
import { AllocationFailure, claimText, type Request } from './request.ts';
import type { Searching } from './searching.ts';

/** Between two stops. */
const triesInRow = 128;

/** `exceeded`: a claim would get too many devices, whatever devices are chosen. */
type Outcome = 'found' | 'none' | 'exceeded';

export interface SearchParts {
  readonly claims: readonly PreparedClaim[];
  /** In the order in which they are tried. */
  readonly candidates: readonly Candidate[];
  readonly matches: Matches;
  readonly state: BeingAllocated;
}

export class Search {
  readonly #claims: readonly PreparedClaim[];
  readonly #candidates: readonly Candidate[];
  readonly #matches: Matches;
  readonly #state: BeingAllocated;
  /** How long the search was, as upstream counts. */
  steps = 0;
  #tries = 0;

  constructor({ claims, candidates, matches, state }: SearchParts) {
    this.#claims = claims;
    this.#candidates = candidates;
    this.#matches = matches;
    this.#state = state;
  }

  /** The devices by claim; undefined when there is no solution. Throws `AllocationFailure`. */
  *run(): Searching<readonly (readonly Chosen[])[] | undefined> {
    const outcome = yield* this.#claim(0);
    return outcome === 'found' ? this.#state.chosen : undefined;
  }

  *#claim(claim: number): Searching<Outcome> {
    if (claim < this.#claims.length) return yield* this.#request(claim, 0);
    this.steps++;
    return 'found';
  }

  #isDueToStop(): boolean {
    return ++this.#tries % triesInRow === 0;
  }

  *#request(claim: number, index: number): Searching<Outcome> {
    const request = this.#claims[claim]!.requests[index];
    if (!request) {
      this.steps++;
      const outcome = yield* this.#claim(claim + 1);
      // With fewer devices for an earlier claim, the next one may find those that it needs.
      return outcome === 'exceeded' ? 'none' : outcome;
    }
    if (!request.isList) {
      return yield* this.#devices({ claim, index, request: request.alternatives[0]!, done: 0 }, 0);
    }
    this.steps++;
    let areAllExceeded = true;
    for (const alternative of request.alternatives) {
      const outcome = yield* this.#devices({ claim, index, request: alternative, done: 0 }, 0);
      if (outcome === 'found') return outcome;
      areAllExceeded &&= outcome === 'exceeded';
    }
    return areAllExceeded ? 'exceeded' : 'none';
  }

  /** `from`: the first candidate that is tried. */
  *#devices(place: Place, from: number): Searching<Outcome> {
    const { claim, index, request, done } = place;
    this.steps++;
    if (this.#isDueToStop()) yield;
    // All devices are at least one.
    if (request.all?.length === 0) return 'none';
    if (done >= request.count) return yield* this.#request(claim, index + 1);
    if (this.#state.chosen[claim]!.length + request.count - done > devicesMax) return 'exceeded';
    return request.all ? yield* this.#given(place, request.all[done]!) : yield* this.#any(place, from);
  }

  *#given(place: Place, candidate: Candidate): Searching<Outcome> {
    const { claim, request, done } = place;
    const undo = this.#state.choose(claim, request, candidate);
    if (undo === 'broken constraint') {
      const subject = `claim ${claimText(this.#claims[claim]!.claim)}, request ${request.name}`;
      const reason = 'because a claim constraint would not be satisfied';
      throw new AllocationFailure(`${subject}: cannot add device ${candidate.id} ${reason}`);
    }
    if (undo === 'unusable') return 'none';
    const outcome = yield* this.#devices({ ...place, done: done + 1 }, 0);
    if (outcome !== 'found') undo();
    return outcome;
  }

  *#any(place: Place, from: number): Searching<Outcome> {
    const { claim, request, done } = place;
    const matches = this.#matches;
    const text = claimText(this.#claims[claim]!.claim);
    for (let i = from; i < this.#candidates.length; i++) {
      const candidate = this.#candidates[i]!;
      if (this.#isDueToStop()) yield;
      if (!this.#state.isFree(claim, request, candidate)) continue;
      if (!(matches.known(request, candidate) ?? (yield* matches.ask(request, candidate, text)))) continue;
      const undo = this.#state.choose(claim, request, candidate);
      if (typeof undo === 'string') continue;
      const outcome = yield* this.#devices({ ...place, done: done + 1 }, i + 1);
      if (outcome === 'found') return outcome;
      undo();
      if (outcome === 'exceeded') return outcome;
    }
    return 'none';
  }
}

interface Place {
  readonly claim: number;
  /** Of the request in its claim. */
  readonly index: number;
  readonly request: Request;
  /** So many devices of the request have been chosen. */
  readonly done: number;
}
