/** What a search needs to know of the claims: which requests, how many devices for each, which constraints. */

import type { DeviceClass, ResourceV1ResourceClaim } from '#api/generated/types.gen.ts';
import type { Candidate } from './candidate.ts';
import { type Constraint, constraintOf } from './constraints.ts';
import { type Capacities, fits, noCapacities } from './consumed-capacity.ts';
import type { Matches } from './match.ts';
import { type Pool, poolId } from './pool.ts';
import {
  AllocationFailure,
  claimText,
  type PlainRequest,
  plainRequests,
  type Request,
  type RequestChoice,
} from './request.ts';
import type { Searching } from './searching.ts';

/** Devices that are checked between two stops of the search, when their selectors are none. */
const checksInRow = 64;

/** A claim has at most so many devices. */
export const devicesMax = 32;

export interface PreparedClaim {
  readonly claim: ResourceV1ResourceClaim;
  readonly requests: readonly RequestChoice[];
  readonly constraints: readonly Constraint[];
}

export interface Surroundings {
  readonly deviceClass: (name: string) => DeviceClass | undefined;
  readonly pools: readonly Pool[];
  readonly candidates: readonly Candidate[];
  readonly matches: Matches;
  readonly allocatedCapacities: (id: string) => Capacities | undefined;
}

/** Throws `AllocationFailure`. */
export function* prepareClaim(
  claim: ResourceV1ResourceClaim,
  around: Surroundings,
): Searching<PreparedClaim> {
  const text = claimText(claim);
  const { requests = [], constraints = [] } = claim.spec.devices ?? {};
  const prepared: RequestChoice[] = [];
  for (const request of requests ?? []) {
    const alternatives: Request[] = [];
    for (const wanted of plainRequests(request)) alternatives.push(yield* prepare(wanted, text, around));
    const isList = (request.firstAvailable?.length ?? 0) > 0;
    prepared.push({ name: request.name, isList, alternatives });
  }
  const count = prepared.reduce((sum, { alternatives }) => sum + fewest(alternatives), 0);
  if (count > devicesMax) {
    const limit = `exceeds the claim limit of ${devicesMax}`;
    throw new AllocationFailure(`claim ${text}: number of requested devices ${count} ${limit}`);
  }
  const made = constraints.map((constraint, i) => {
    const found = constraintOf(constraint);
    if (found) return found;
    const reason = 'empty constraint (unsupported constraint type?)';
    throw new AllocationFailure(`claim ${text}, constraint #${i}: ${reason}`);
  });
  return { claim, requests: prepared, constraints: made };
}

function fewest(alternatives: readonly Request[]): number {
  return Math.min(...alternatives.map(({ count }) => count));
}

function* prepare(wanted: PlainRequest, claim: string, around: Surroundings): Searching<Request> {
  const { className, mode, ...plain } = wanted;
  const fail = (reason: string): never => {
    throw new AllocationFailure(`claim ${claim}, request ${wanted.name}${reason}`);
  };
  const empty = wanted.selectors.findIndex(({ cel }) => !cel);
  if (empty >= 0) fail(`, selector #${empty}: CEL expression empty (unsupported selector type?)`);
  if (!className) fail(': missing device class name (unsupported request type?)');
  const deviceClass = around.deviceClass(className);
  if (!deviceClass) {
    const notFound = `deviceclass.resource.k8s.io "${className}" not found`;
    return fail(`: could not retrieve device class ${className}: ${notFound}`);
  }
  if (mode === 'ExactCount') return { ...plain, deviceClass, all: undefined };
  if (mode !== 'All') fail(`: unsupported count mode ${mode}`);
  for (const pool of around.pools) {
    const trouble = pool.isIncomplete ? 'being updated' : pool.isInvalid ? 'invalid' : undefined;
    if (trouble) fail(`: asks for all devices, but resource pool ${poolId(pool)} is currently ${trouble}`);
  }
  const request = { ...plain, deviceClass };
  const all: Candidate[] = [];
  for (const [i, candidate] of around.candidates.entries()) {
    if (yield* isWanted(request, candidate, claim, around)) all.push(candidate);
    if (i % checksInRow === 0) yield;
  }
  return { ...request, all, count: all.length };
}

function* isWanted(
  request: Omit<Request, 'all' | 'count'>,
  candidate: Candidate,
  claim: string,
  { matches, allocatedCapacities }: Surroundings,
): Searching<boolean> {
  if (!(yield* matches.ask(request, candidate, claim))) return false;
  const allocated = allocatedCapacities(candidate.id) ?? noCapacities;
  return fits(request.capacities, candidate.device, allocated, noCapacities);
}
