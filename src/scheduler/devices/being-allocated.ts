/** What a search has chosen so far: devices, shares, counters, and what the claims' constraints say of them. */

import { toleratesTaint } from '#api/pods/tolerations.ts';
import type { Quantity } from '#api/values/quantity.ts';
import type { AllocatedDevices } from './allocated-devices.ts';
import type { Candidate } from './candidate.ts';
import type { Constraint } from './constraints.ts';
import {
  addCapacities,
  type Capacities,
  consumedBy,
  fits,
  noCapacities,
  subtractCapacities,
} from './consumed-capacity.ts';
import { Counters } from './counters.ts';
import type { Request } from './request.ts';

/** A device that a request of a claim gets. */
export interface Chosen {
  readonly request: Request;
  readonly candidate: Candidate;
  /** Of a device that several requests may share: what this one takes of it. */
  readonly share: Capacities | undefined;
}

/** `broken constraint`: the device was fit otherwise. */
export type Refusal = 'unusable' | 'broken constraint';

/** Undoes what a chosen device has changed. */
export type Undo = () => void;

export class BeingAllocated {
  /** By claim. */
  readonly chosen: Chosen[][];
  readonly #allocated: AllocatedDevices;
  readonly #constraints: readonly (readonly Constraint[])[];
  readonly #counters: Counters;
  /** Whole devices: the claims that get them. */
  readonly #claimsOf = new Map<string, Set<number>>();
  /** Shared devices: what their shares take. An entry without amounts says that there is a share. */
  readonly #shares = new Map<string, Map<string, Quantity>>();

  constructor(allocated: AllocatedDevices, constraints: readonly (readonly Constraint[])[]) {
    this.#allocated = allocated;
    this.#constraints = constraints;
    this.#counters = new Counters(allocated);
    this.chosen = constraints.map(() => []);
  }

  /** Cheaper than `choose`: is the device free for the request? */
  isFree(claim: number, { hasAdminAccess }: Request, { id }: Candidate): boolean {
    const claims = this.#claimsOf.get(id);
    if (hasAdminAccess) return !claims?.has(claim);
    return !this.#allocated.isTaken(id) && !claims?.size;
  }

  choose(claim: number, request: Request, candidate: Candidate): Undo | Refusal {
    const isShared = candidate.device.allowMultipleAllocations ?? false;
    if (!this.isFree(claim, request, candidate) && !(isShared && request.hasAdminAccess)) return 'unusable';
    const undos: Undo[] = [];
    const refusal = this.#enter(claim, request, candidate, undos);
    const undo = () => {
      for (const each of undos.toReversed()) each();
    };
    if (!refusal) return undo;
    undo();
    return refusal;
  }

  #enter(claim: number, request: Request, candidate: Candidate, undos: Undo[]): Refusal | undefined {
    const { id, device } = candidate;
    const isShared = device.allowMultipleAllocations ?? false;
    if (!this.#takeCounters(candidate, isShared, undos) || isTainted(candidate, request)) return 'unusable';
    if (!this.#obeys(claim, request, candidate, undos)) return 'broken constraint';
    const allocated = this.#allocated.capacities(id) ?? noCapacities;
    const allocating = this.#shares.get(id) ?? noCapacities;
    if (!fits(request.capacities, device, allocated, allocating)) return 'unusable';
    const share = isShared ? consumedBy(request.capacities, device) : undefined;
    if (share) this.#addShare(id, share, undos);
    else this.#addWhole(id, claim, undos);
    const chosen = this.chosen[claim]!;
    chosen.push({ request, candidate, share });
    undos.push(() => chosen.pop());
    return undefined;
  }

  /** The first share of a device takes its counters for all of them. */
  #takeCounters(candidate: Candidate, isShared: boolean, undos: Undo[]): boolean {
    const { id, device } = candidate;
    const isSharedAlready =
      isShared && (this.#allocated.capacities(id) !== undefined || this.#shares.has(id));
    if (isSharedAlready || !device.consumesCounters?.length) return true;
    if (!this.#counters.take(candidate)) return false;
    undos.push(() => this.#counters.giveBack(candidate));
    return true;
  }

  #obeys(claim: number, { reference }: Request, candidate: Candidate, undos: Undo[]): boolean {
    for (const constraint of this.#constraints[claim]!) {
      if (!constraint.add(reference, candidate)) return false;
      undos.push(() => constraint.remove(reference, candidate));
    }
    return true;
  }

  #addWhole(id: string, claim: number, undos: Undo[]): void {
    const claims = this.#claimsOf.get(id) ?? new Set();
    this.#claimsOf.set(id, claims.add(claim));
    undos.push(() => claims.delete(claim));
  }

  #addShare(id: string, share: Capacities, undos: Undo[]): void {
    const known = this.#shares.get(id);
    const shares = known ?? new Map<string, Quantity>();
    addCapacities(shares, share);
    this.#shares.set(id, shares);
    undos.push(() => {
      subtractCapacities(shares, share);
      if (!known) this.#shares.delete(id);
    });
  }
}

function isTainted({ device }: Candidate, { tolerations = [] }: Request): boolean {
  return (device.taints ?? []).some(
    (taint) =>
      (taint.effect === 'NoSchedule' || taint.effect === 'NoExecute') &&
      !tolerations.some((toleration) => toleratesTaint(toleration, taint)),
  );
}
