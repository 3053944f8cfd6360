/**
 * Brings a watcher from its start revision to the present in bounded steps, then passes it to the hub.
 *
 * The transition happens in one turn of the event loop, when nothing is left to deliver: no change is lost
 * between the history and the live events, and none is delivered twice.
 */

import { type Clock, nextTurn } from '#base/clock.ts';
import { CompactedError } from '../errors.ts';
import type { WatchEvent } from '../store.ts';
import type { Change, History } from './history.ts';
import { type LogRow, type Version, versionOf } from './version.ts';
import type { Watcher, WatchHub } from './watch-hub.ts';

/** Events delivered in one turn; a transaction is never cut, so a little more may come. */
const stepEventsMax = 1000;
/** Changes looked at in one turn. */
const stepScanMax = 20_000;

export interface CatchUpSource {
  readonly clock: Clock;
  readonly history: History;
  readonly hub: WatchHub;
  read(rowIds: readonly number[]): Promise<Map<number, LogRow>>;
  revision(): number;
  compactedRevision(): number;
  isOpen(watcher: Watcher): boolean;
  fail(watcher: Watcher, error: Error): void;
}

export class CatchUp {
  readonly #source: CatchUpSource;

  constructor(source: CatchUpSource) {
    this.#source = source;
  }

  /** A watcher that starts at the newest revision is live at once; others when they have caught up. */
  start(watcher: Watcher): void {
    if (watcher.nextRevision > this.#source.revision()) {
      this.#source.hub.join(watcher);
      return;
    }
    this.#source.clock.nextTurn(() => {
      this.#run(watcher).catch((error) => {
        if (this.#source.isOpen(watcher)) this.#source.fail(watcher, error);
      });
    });
  }

  async #run(watcher: Watcher): Promise<void> {
    const { hub, isOpen } = this.#source;
    while (isOpen(watcher)) {
      if (watcher.nextRevision > this.#source.revision()) return hub.join(watcher);
      this.#assertKept(watcher);
      const { changes, revision } = this.#step(watcher);
      const events = changes.every((change) => change.event)
        ? changes.map((change) => change.event!)
        : await this.#warm(watcher, changes);
      if (!isOpen(watcher)) return;
      hub.deliver(watcher, events, revision);
      watcher.nextRevision = revision + 1;
      if (revision < this.#source.revision()) await nextTurn(this.#source.clock);
    }
  }

  /** The next changes, of whole revisions, and the revision up to which they are complete. */
  #step(watcher: Watcher): { changes: Change[]; revision: number } {
    const upTo = this.#source.history.revisionAfter(watcher.nextRevision, stepScanMax);
    let revision = upTo === undefined ? this.#source.revision() : upTo - 1;
    const changes: Change[] = [];
    this.#source.history.scan(
      watcher.range,
      watcher.nextRevision,
      (change) => {
        const last = changes[changes.length - 1];
        const full = last && changes.length >= stepEventsMax && last.revision !== change.revision;
        if (full) revision = last.revision;
        if (full || change.revision > revision) return false;
        changes.push(change);
        return true;
      },
      revision,
    );
    return { changes, revision };
  }

  async #warm(watcher: Watcher, changes: readonly Change[]): Promise<WatchEvent[]> {
    const rowIds: number[] = [];
    for (const change of changes) {
      if (change.event) continue;
      if (!change.deleted) rowIds.push(change.rowId);
      if (change.previousRowId) rowIds.push(change.previousRowId);
    }
    const events = new Map(changes.map((change) => [change, change.event]));
    const rows = await this.#source.read(rowIds);
    this.#assertKept(watcher);
    return changes.map((change) => events.get(change) ?? warmEvent(change, rows));
  }

  #assertKept(watcher: Watcher): void {
    const compacted = this.#source.compactedRevision();
    if (watcher.nextRevision < compacted) throw new CompactedError(compacted);
  }
}

function warmEvent(change: Change, rows: Map<number, LogRow>): WatchEvent {
  const { key, revision, deleted } = change;
  const versionAt = (rowId: number): Version => {
    const row = rows.get(rowId);
    if (!row) throw new Error(`store: row ${rowId} of the log is missing`);
    return versionOf(row);
  };
  return {
    type: deleted ? 'delete' : 'put',
    key,
    revision,
    current: deleted ? undefined : versionAt(change.rowId),
    previous: change.previousRowId ? versionAt(change.previousRowId) : undefined,
  };
}
