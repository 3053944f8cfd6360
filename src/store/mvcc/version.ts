/** What the store keeps of one write: the key value readers see, and where its bytes lie in the log. */

import type { KeyValue } from '../store.ts';

/** Operations in one transaction at most; the row id of a write holds its place in the transaction. */
export const opsPerTxnMax = 4096;

export interface Version extends KeyValue {
  /** Row of the log: ordered by revision, then place in the transaction. Never 0. */
  readonly rowId: number;
}

/** A row of the log. A deletion has no value, and version 0. */
export interface LogRow {
  readonly rowId: number;
  readonly key: string;
  readonly createRevision: number;
  readonly version: number;
  readonly value: Uint8Array | undefined;
}

export function rowIdOf(revision: number, place: number): number {
  return revision * opsPerTxnMax + place;
}

export function revisionOf(rowId: number): number {
  return Math.floor(rowId / opsPerTxnMax);
}

export function versionOf(row: LogRow): Version {
  return {
    key: row.key,
    value: row.value!,
    createRevision: row.createRevision,
    modRevision: revisionOf(row.rowId),
    version: row.version,
    rowId: row.rowId,
  };
}
