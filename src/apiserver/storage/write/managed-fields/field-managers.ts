/** The managers of an object's fields: `metadata.managedFields`, read and written. */

import type { FieldSet } from '#api/fields/field-set.ts';
import { InvalidFields, readFields } from '#api/fields/read-fields.ts';
import type { ManagedFieldsEntry } from '#api/meta/object.ts';

export type Entries = readonly ManagedFieldsEntry[];

export interface FieldManager {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  /** Of its last change; undefined before the first. */
  readonly time: string | undefined;
  readonly set: FieldSet;
  /** The stored entry, if nothing of it has changed. */
  readonly entry?: ManagedFieldsEntry;
}

/** By `managerId`. */
export type FieldManagers = Map<string, FieldManager>;

/** A manager that applies is the same in all API versions; one that updates is another in each. */
export function managerId({
  manager,
  operation,
  apiVersion,
  subresource,
}: Omit<FieldManager, 'time' | 'set'>): string {
  return JSON.stringify({
    ...(manager ? { manager } : {}),
    operation,
    ...(operation === 'Update' ? { apiVersion } : {}),
    ...(subresource ? { subresource } : {}),
  });
}

/** Of stored entries, which were checked when they were written. */
export function managersOf(entries: Entries | undefined): FieldManagers {
  const managers: FieldManagers = new Map();
  for (const entry of entries ?? []) {
    const fieldManager = managerOf(entry, (entry.fieldsV1 ?? {}) as FieldSet);
    managers.set(managerId(fieldManager), fieldManager);
  }
  return managers;
}

function managerOf(entry: ManagedFieldsEntry, set: FieldSet): FieldManager {
  const { manager = '', operation, apiVersion = '', subresource = '', time } = entry;
  return {
    manager,
    operation: operation as FieldManager['operation'],
    apiVersion,
    subresource,
    time,
    set,
    entry,
  };
}

/** Of the entries of a request; a string says why they cannot be read. */
export function readManagers(entries: Entries): FieldManagers | string {
  const managers: FieldManagers = new Map();
  for (const [i, entry] of entries.entries()) {
    const problem = entryProblem(entry, i);
    if (problem) return problem;
    try {
      const set = readFields(entry.fieldsV1);
      const { entry: _, ...fieldManager } = managerOf(entry, set);
      managers.set(managerId(fieldManager), fieldManager);
    } catch (error) {
      if (!(error instanceof InvalidFields)) throw error;
      return `error decoding set: ${error.message}`;
    }
  }
  return managers;
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
export function entriesOf(managers: FieldManagers): ManagedFieldsEntry[] | undefined {
  if (managers.size === 0) return undefined;
  const entries = Array.from(managers.values(), entryOf);
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
}: FieldManager): ManagedFieldsEntry {
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

export function withSet(fieldManager: FieldManager, set: FieldSet): FieldManager {
  if (set === fieldManager.set) return fieldManager;
  const { entry: _, ...rest } = fieldManager;
  return { ...rest, set };
}

export function withTime(fieldManager: FieldManager, time: string): FieldManager {
  if (time === fieldManager.time) return fieldManager;
  const { entry: _, ...rest } = fieldManager;
  return { ...rest, time };
}
