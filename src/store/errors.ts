/**
 * Every error that a store rejects with, in the order in which a caller may meet them: at the start, on
 * reads, on writes, at the end.
 */

/** The store has lost acknowledged data: it does not start. */
export class StoreLossError extends Error {
  override name = 'StoreLossError';
}

/** The history before `compactedRevision` has been compacted. */
export class CompactedError extends Error {
  override name = 'CompactedError';
  readonly compactedRevision: number;
  constructor(compactedRevision: number) {
    super('mvcc: required revision has been compacted');
    this.compactedRevision = compactedRevision;
  }
}

/** No transaction has had this revision yet. */
export class FutureRevisionError extends Error {
  override name = 'FutureRevisionError';
  constructor(revision: number) {
    super(`mvcc: required revision ${revision} is a future revision`);
  }
}

/** The disk is full: nothing was written. Transactions that delete may still succeed. */
export class StoreFullError extends Error {
  override name = 'StoreFullError';
}

/** `close` was called. */
export class StoreClosedError extends Error {
  override name = 'StoreClosedError';
  constructor() {
    super('store: closed');
  }
}
