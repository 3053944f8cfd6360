/**
 * Decides transactions in memory, in order, and makes them durable in groups.
 *
 * 1. A transaction is decided at once against the newest state, writes not yet durable included.
 * 2. Its rows join the queue; while one group is being made durable the next one gathers.
 * 3. A durable group becomes visible as a whole, in order; only then are its transactions answered.
 * 4. When a group fails, everything decided after it fails with it: it may rest on writes that never were.
 * 5. On a full disk ordinary writes are refused at once. Deletions that failed among them are decided once
 *    more, and go in groups of their own, which may use the space that is kept for them.
 */

import { type Clock, nextTurn } from '#base/clock.ts';
import { StoreFullError } from '../errors.ts';
import type { Op, Txn, TxnResult } from '../store.ts';
import type { Change } from './history.ts';
import { type LogRow, opsPerTxnMax, rowIdOf, type Version } from './version.ts';

/** Transactions waiting to become durable. */
const waitingTxnsMax = 50_000;
/** Bytes of values in one group; a larger single transaction goes alone. */
const groupBytesMax = 8 * 1024 * 1024;

export interface CommitTarget {
  readonly clock: Clock;
  live(key: string): Version | undefined;
  append(rows: readonly LogRow[], forDeletion: boolean): Promise<void>;
  /** Why an ordinary write would fail, if so. */
  refusal(): Error | undefined;
  /** Makes a durable group visible and notifies the watchers. */
  apply(changes: readonly Change[]): void;
}

const nothing = { rows: [], changes: [], sizeBytes: 0, forDeletion: true };

interface Waiting {
  readonly rows: readonly LogRow[];
  readonly changes: readonly Change[];
  readonly sizeBytes: number;
  readonly forDeletion: boolean;
  readonly settle: (error?: Error) => void;
}

export class CommitQueue {
  #lastRevision: number;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #inFlight: Waiting[] = [];
  /** The newest decided state of keys whose write is not visible yet; a deletion is null. */
  readonly #overlay = new Map<string, { version: Version | null; rowId: number }>();
  readonly #target: CommitTarget;

  constructor(target: CommitTarget, lastRevision: number) {
    this.#target = target;
    this.#lastRevision = lastRevision;
  }

  commit(txn: Txn, visibleRevision: () => number, isSecondTry = false): Promise<TxnResult> {
    if (this.#waiting.length >= waitingTxnsMax) return Promise.reject(new Error('store: too many requests'));
    assertOps(txn.ops);
    const current = txn.compare.map(({ key }) => this.#newest(key));
    const holds = txn.compare.every(({ modRevision }, i) => (current[i]?.modRevision ?? 0) === modRevision);
    if (!holds) return this.#afterPending(() => ({ succeeded: false, revision: visibleRevision(), current }));
    const ops = txn.ops.filter((op) => op.type === 'put' || this.#newest(op.key));
    if (ops.length === 0) return this.#afterPending(() => ({ succeeded: true, revision: visibleRevision() }));
    const forDeletion = txn.forDeletion === true || ops.every((op) => op.type === 'delete');
    const refusal = forDeletion ? undefined : this.#target.refusal();
    if (refusal) return Promise.reject(refusal);
    const written = this.#enqueue(ops, forDeletion);
    if (!forDeletion || isSecondTry) return written;
    return written.catch((error) => {
      if (!(error instanceof StoreFullError)) throw error;
      return this.commit(txn, visibleRevision, true);
    });
  }

  /** Resolves when nothing is waiting any more. */
  async drain(): Promise<void> {
    while (this.#running) await this.#running;
  }

  #newest(key: string): Version | undefined {
    const pending = this.#overlay.size > 0 ? this.#overlay.get(key) : undefined;
    return pending ? (pending.version ?? undefined) : this.#target.live(key);
  }

  /** An answer without a write still rests on the writes decided before it: it waits for them. */
  #afterPending(result: () => TxnResult): Promise<TxnResult> {
    if (!this.#running) return Promise.resolve(result());
    return this.#push(nothing, undefined).then(result);
  }

  #enqueue(ops: readonly Op[], forDeletion: boolean): Promise<TxnResult> {
    const revision = ++this.#lastRevision;
    const rows: LogRow[] = [];
    const changes: Change[] = [];
    let sizeBytes = 0;
    for (const [place, op] of ops.entries()) {
      const previous = this.#newest(op.key);
      const rowId = rowIdOf(revision, place);
      const version = op.type === 'put' ? nextVersion(op.key, op.value, revision, rowId, previous) : null;
      this.#overlay.set(op.key, { version, rowId });
      const change = changeOf(op.key, revision, rowId, version ?? undefined, previous);
      rows.push(version ?? { rowId, key: op.key, createRevision: 0, version: 0, value: undefined });
      changes.push(change);
      sizeBytes += op.key.length + (version?.value.length ?? 0);
    }
    return this.#push({ rows, changes, sizeBytes, forDeletion }, { succeeded: true, revision });
  }

  /** Resolves with `result` once its group is visible. */
  #push<T>(written: Omit<Waiting, 'settle'>, result: T): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (error?: Error) => (error ? reject(error) : resolve(result));
      this.#waiting.push({ ...written, settle });
      this.#running ??= this.#run();
    });
  }

  async #run(): Promise<void> {
    // Lets everything that arrives in this turn of the event loop share the first group.
    await nextTurn(this.#target.clock);
    for (let appending = this.#startGroup(); appending; ) {
      const group = this.#inFlight;
      try {
        await appending;
      } catch (error) {
        this.#failAll(error as Error);
        appending = this.#startGroup();
        continue;
      }
      // The disk gets its next group before this one is shown around.
      appending = this.#startGroup();
      this.#finishGroup(group);
      // A watch handler may have committed something.
      appending ??= this.#startGroup();
    }
    this.#running = undefined;
  }

  #startGroup(): Promise<void> | undefined {
    if (this.#waiting.length === 0) return undefined;
    this.#inFlight = this.#takeGroup();
    const rows = this.#inFlight.flatMap((waiting) => waiting.rows);
    if (rows.length === 0) return Promise.resolve();
    return this.#target.append(
      rows,
      this.#inFlight.every((waiting) => waiting.forDeletion),
    );
  }

  #takeGroup(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const waiting of this.#waiting) {
      bytes += waiting.sizeBytes;
      if (count > 0 && bytes > groupBytesMax) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  #finishGroup(group: readonly Waiting[]): void {
    const changes = group.flatMap((waiting) => waiting.changes);
    if (changes.length > 0) this.#target.apply(changes);
    for (const { key, rowId } of changes) {
      if (this.#overlay.get(key)?.rowId === rowId) this.#overlay.delete(key);
    }
    for (const waiting of group) waiting.settle();
  }

  #failAll(error: Error): void {
    const failed = [...this.#inFlight, ...this.#waiting];
    this.#waiting = [];
    this.#overlay.clear();
    for (const waiting of failed) waiting.settle(error);
  }
}

function nextVersion(
  key: string,
  value: Uint8Array,
  revision: number,
  rowId: number,
  previous: Version | undefined,
): Version {
  const createRevision = previous?.createRevision ?? revision;
  return { key, value, createRevision, modRevision: revision, version: (previous?.version ?? 0) + 1, rowId };
}

export function changeOf(
  key: string,
  revision: number,
  rowId: number,
  current: Version | undefined,
  previous: Version | undefined,
): Change {
  const deleted = current === undefined;
  const event = { type: deleted ? 'delete' : 'put', key, revision, current, previous } as const;
  const retainedBytes = key.length + (previous?.value.length ?? 0);
  return { key, revision, rowId, previousRowId: previous?.rowId ?? 0, deleted, retainedBytes, event };
}

function assertOps(ops: readonly Op[]): void {
  for (const { key } of ops) {
    if (!key.isWellFormed()) throw new RangeError('store: key is not well-formed text');
  }
  if (ops.length > opsPerTxnMax) {
    throw new RangeError(`store: more than ${opsPerTxnMax} operations in one transaction`);
  }
  if (ops.length > 1 && new Set(ops.map((op) => op.key)).size < ops.length) {
    throw new RangeError('store: duplicate key given in one transaction');
  }
}
