/** A pool of devices as one node sees it, and what makes it unusable. Upstream: pools_incubating.go. */

import type { CounterSet, Device, ResourceSlice } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';

export type Slice = Stored<ResourceSlice>;

export interface Pool {
  readonly driver: string;
  readonly name: string;
  /** Slices are missing: the driver is publishing them. */
  readonly isIncomplete: boolean;
  /** The driver's slices contradict each other. */
  readonly isInvalid: boolean;
  /** Those with devices that the node can use, sorted by name. */
  readonly slices: readonly Slice[];
  /** Of other nodes: their devices consume the same counters. */
  readonly otherSlices: readonly Slice[];
  readonly counterSets: ReadonlyMap<string, CounterSet>;
}

export function poolId({ driver, name }: Pick<Pool, 'driver' | 'name'>): string {
  return `${driver}/${name}`;
}

/** For names, which are ASCII. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** `others`: the slices of the pool that are not for the node. */
export function buildPool(mine: readonly Slice[], others: readonly Slice[]): Pool {
  const sorted = mine.toSorted((a, b) => compareNames(a.metadata.name, b.metadata.name));
  const slices = sorted.filter(({ spec }) => !spec.sharedCounters?.length);
  const counterSets = counterSetsOf(sorted);
  const isValid =
    haveDifferentNames(slices) &&
    counterSets !== undefined &&
    [...sorted, ...others].every(({ spec }) =>
      (spec.devices ?? []).every((device) => findsCounters(device, counterSets)),
    );
  return {
    ...emptyPool(sorted[0]!),
    isInvalid: !isValid,
    ...(isValid ? { slices, otherSlices: others, counterSets } : {}),
  };
}

export function incompletePool(slice: Slice): Pool {
  return { ...emptyPool(slice), isIncomplete: true };
}

function emptyPool({ spec }: Slice): Pool {
  const { driver, pool } = spec;
  return {
    driver,
    name: pool.name,
    isIncomplete: false,
    isInvalid: false,
    slices: [],
    otherSlices: [],
    counterSets: new Map(),
  };
}

/** Undefined when two have the same name. */
function counterSetsOf(slices: readonly Slice[]): Map<string, CounterSet> | undefined {
  const sets = slices.flatMap(({ spec }) => spec.sharedCounters ?? []);
  const byName = new Map(sets.map((set) => [set.name, set]));
  return byName.size === sets.length ? byName : undefined;
}

function haveDifferentNames(slices: readonly Slice[]): boolean {
  const names = slices.flatMap(({ spec }) => (spec.devices ?? []).map(({ name }) => name));
  return new Set(names).size === names.length;
}

function findsCounters({ consumesCounters = [] }: Device, sets: ReadonlyMap<string, CounterSet>): boolean {
  return consumesCounters.every(({ counterSet, counters }) => {
    const known = sets.get(counterSet)?.counters;
    return known !== undefined && Object.keys(counters).every((name) => Object.hasOwn(known, name));
  });
}

/** Devices that need preparation before a pod may be bound are taken last. */
export function hasBindingConditions({ slices }: Pool): boolean {
  return slices.some(({ spec }) => spec.devices?.some(({ bindingConditions }) => bindingConditions));
}
