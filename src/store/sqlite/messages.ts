/**
 * What the main thread and the storage thread say to each other; rows travel packed, their bytes moved, not
 * copied.
 */

import type { LogRow } from '../mvcc/version.ts';
import type { LossPolicy } from './damage/loss-policy.ts';

/** Rows as columns: one buffer for all values. A deletion has length -1. */
export interface PackedRows {
  readonly keys: readonly string[];
  /** rowId, createRevision, version, value length: four numbers a row. */
  readonly numbers: Float64Array<ArrayBuffer>;
  /** May be longer than its rows need. */
  readonly values: Uint8Array<ArrayBuffer>;
}

export type Request =
  /** `forDeletion`: on a full disk the space kept for deletions may be used. */
  | { readonly type: 'append'; readonly rows: PackedRows; readonly forDeletion: boolean }
  | { readonly type: 'read'; readonly rowIds: readonly number[] }
  | { readonly type: 'markCompacted'; readonly revision: number }
  | { readonly type: 'discard'; readonly rowIds: readonly number[] }
  | { readonly type: 'vacuumStep' }
  /** `refused`: it was opened and is not taken into use; the next start must find it as this one did. */
  | { readonly type: 'close'; readonly refused: boolean };

export interface Failure {
  readonly kind: 'full' | 'disk' | 'loss' | 'other';
  readonly message: string;
}

export type Reply =
  | { readonly type: 'loaded'; readonly rows: PackedRows }
  | {
      readonly type: 'ready';
      readonly compactedRevision: number;
      readonly sizeBytes: number;
      /** Sentences, when a loss was accepted. */
      readonly losses: readonly string[];
      readonly wasKilled: boolean;
    }
  | { readonly type: 'openFailed'; readonly failure: Failure }
  /** Answers come in the order of the requests. */
  | {
      readonly type: 'done';
      readonly sizeBytes: number;
      readonly rows?: PackedRows;
      readonly more?: boolean;
      /** The memory that an append came in: it can carry the next one. */
      readonly spare?: ArrayBuffer;
    }
  | { readonly type: 'failed'; readonly failure: Failure };

export interface WorkerOptions {
  readonly path: string;
  readonly writer: string;
  readonly policy: LossPolicy;
  /** Disk space that only deletions may use when there is no other. */
  readonly reserveBytes: number;
}

/** In `spare` when it is large enough: fresh memory costs more than what is copied into it. */
export function packRows(rows: readonly LogRow[], spare?: ArrayBuffer): PackedRows {
  let bytes = 0;
  for (const row of rows) bytes += row.value?.length ?? 0;
  const values = new Uint8Array(spare && spare.byteLength >= bytes ? spare : new ArrayBuffer(bytes));
  const numbers = new Float64Array(rows.length * 4);
  const keys: string[] = [];
  let at = 0;
  for (const [i, row] of rows.entries()) {
    keys.push(row.key);
    numbers.set([row.rowId, row.createRevision, row.version, row.value?.length ?? -1], i * 4);
    if (row.value) values.set(row.value, at);
    at += row.value?.length ?? 0;
  }
  return { keys, numbers, values };
}

/** Whose memory moves with the message. */
export function transferOf(rows: PackedRows): ArrayBuffer[] {
  return [rows.numbers.buffer, rows.values.buffer];
}

/** The values are views into the one buffer: copy those that are kept. */
export function* unpackRows({ keys, numbers, values }: PackedRows): Generator<LogRow> {
  let at = 0;
  for (const [i, key] of keys.entries()) {
    const length = numbers[i * 4 + 3]!;
    const value = length < 0 ? undefined : values.subarray(at, at + length);
    at += Math.max(0, length);
    yield {
      rowId: numbers[i * 4]!,
      key,
      createRevision: numbers[i * 4 + 1]!,
      version: numbers[i * 4 + 2]!,
      value,
    };
  }
}
