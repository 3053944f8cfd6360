/** Who owns which fields of an object: `metadata.managedFields`, read and written. */

import type { FieldSet } from '#api/fields/field-set.ts';
import { InvalidFields, readFields } from '#api/fields/read-fields.ts';
import type { ManagedFieldsEntry } from '#api/meta/object.ts';

export type Entries = readonly ManagedFieldsEntry[];

export interface Owner {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  /** Undefined as long as it has not changed anything. */
  readonly time: string | undefined;
  readonly set: FieldSet;
  /** As it is stored, where nothing of it has changed. */
  readonly entry?: ManagedFieldsEntry;
}

/** By `ownerId`. */
export type Owners = Map<string, Owner>;

/** An owner that applies is the same in whatever version it does. */
export function ownerId({
  manager,
  operation,
  apiVersion,
  subresource,
}: Omit<Owner, 'time' | 'set'>): string {
  return JSON.stringify({
    ...(manager ? { manager } : {}),
    operation,
    ...(operation === 'Update' ? { apiVersion } : {}),
    ...(subresource ? { subresource } : {}),
  });
}

/** Of what is stored: it was checked when it was written. */
export function ownersOf(entries: Entries | undefined): Owners {
  const owners: Owners = new Map();
  for (const entry of entries ?? []) {
    const owner = ownerOf(entry, (entry.fieldsV1 ?? {}) as FieldSet);
    owners.set(ownerId(owner), owner);
  }
  return owners;
}

function ownerOf(entry: ManagedFieldsEntry, set: FieldSet): Owner {
  const { manager = '', operation, apiVersion = '', subresource = '', time } = entry;
  return { manager, operation: operation as Owner['operation'], apiVersion, subresource, time, set, entry };
}

/** Of what a client says; the text says why it cannot be read. */
export function readOwners(entries: Entries): Owners | string {
  const owners: Owners = new Map();
  for (const [i, entry] of entries.entries()) {
    const problem = entryProblem(entry, i);
    if (problem) return problem;
    try {
      const set = readFields(entry.fieldsV1);
      const { entry: _, ...owner } = ownerOf(entry, set);
      owners.set(ownerId(owner), owner);
    } catch (error) {
      if (!(error instanceof InvalidFields)) throw error;
      return `error decoding set: ${error.message}`;
    }
  }
  return owners;
}

function entryProblem(
  { operation, apiVersion, fieldsType }: ManagedFieldsEntry,
  i: number,
): string | undefined {
  if (operation !== 'Apply' && operation !== 'Update') return 'operation must be `Apply` or `Update`';
  if (!apiVersion) return 'apiVersion must not be empty';
  if (!fieldsType) return `missing fieldsType in managed fields entry ${i}`;
  if (fieldsType === 'FieldsV1') return undefined;
  return `invalid fieldsType "${fieldsType}" in managed fields entry ${i}`;
}

/** In the order in which upstream stores them; undefined when there are none. */
export function entriesOf(owners: Owners): ManagedFieldsEntry[] | undefined {
  if (owners.size === 0) return undefined;
  const entries = Array.from(owners.values(), entryOf);
  return entries.length > 1 ? entries.sort(compareEntries) : entries;
}

function entryOf({
  manager,
  operation,
  apiVersion,
  subresource,
  time,
  set,
  entry,
}: Owner): ManagedFieldsEntry {
  if (entry) return entry;
  return {
    ...(manager ? { manager } : {}),
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: set,
    ...(subresource ? { subresource } : {}),
  };
}

const orderedBy = [
  ({ operation }: ManagedFieldsEntry) => operation ?? '',
  ({ time }: ManagedFieldsEntry) => time ?? '',
  ({ manager }: ManagedFieldsEntry) => manager ?? '',
  ({ apiVersion }: ManagedFieldsEntry) => apiVersion ?? '',
  ({ subresource }: ManagedFieldsEntry) => subresource ?? '',
];

function compareEntries(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  for (const by of orderedBy) {
    const [left, right] = [by(a), by(b)];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

export function withSet(owner: Owner, set: FieldSet): Owner {
  if (set === owner.set) return owner;
  const { entry: _, ...rest } = owner;
  return { ...rest, set };
}

export function withTime(owner: Owner, time: string): Owner {
  if (time === owner.time) return owner;
  const { entry: _, ...rest } = owner;
  return { ...rest, time };
}
