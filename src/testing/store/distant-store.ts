/**
 * A store as it appears across a network: every answer comes some turns of the event loop later, the newest
 * revision has to be requested, and watches see a change after its `commit` has resolved. Code that works on
 * it can work on etcd.
 */

import type { KeyRange, Store, WatchHandle, WatchHandler } from '#store/store.ts';
import { storeMethods } from './store-methods.ts';

/** Turns of a round trip; a watch's events come this much later than an answer. */
const roundTripTurns = 2;
const watchLagTurns = 6;

export function distantStore(store: Store): Store {
  const answer = async <T>(ask: () => T | Promise<T>): Promise<T> => {
    await turnsOf(roundTripTurns);
    const given = await ask();
    await turnsOf(roundTripTurns);
    return given;
  };
  return {
    ...storeMethods(store),
    newestRevision: () => answer(() => store.newestRevision()),
    get: (...args) => answer(() => store.get(...args)),
    range: (...args) => answer(() => store.range(...args)),
    commit: (...args) => answer(() => store.commit(...args)),
    compact: (...args) => answer(() => store.compact(...args)),
    stats: () => answer(() => store.stats()),
    close: () => answer(() => store.close()),
    watch: (range, fromRevision, handler) => delayedWatch(store, range, fromRevision, handler),
  };
}

/** In order: a change never overtakes an earlier one. */
function delayedWatch(
  store: Store,
  range: KeyRange,
  fromRevision: number,
  handler: WatchHandler,
): WatchHandle {
  let last: Promise<unknown> = Promise.resolve();
  let isOver = false;
  const later = (call: () => void) => {
    last = last.then(() => turnsOf(watchLagTurns)).then(() => isOver || call());
  };
  const end = () => {
    isOver = true;
    watch.cancel();
  };
  const fail = (error: Error) => {
    end();
    handler.onError(error);
  };
  const watch = store.watch(range, fromRevision, {
    onEvents(events, revision) {
      later(() => {
        try {
          handler.onEvents(events, revision);
        } catch (error) {
          fail(error as Error);
        }
      });
    },
    onError: (error) => later(() => fail(error)),
  });
  return { cancel: end };
}

async function turnsOf(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
