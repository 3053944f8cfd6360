/**
 * What happened to one resource, counted as plain numbers where it happens; `registry/storage-metrics.ts` publishes them.
 */

import { Observations } from '#base/metrics/histogram.ts';

/** As upstream names what it asks of etcd. */
export type StoreOperation = 'create' | 'update' | 'delete' | 'list';

export interface StoreRequests {
  readonly durations: Observations;
  errors: number;
}

/** Of lists that were served from one source. */
export interface ListCounts {
  lists: number;
  /** Objects that were candidates of a list; a selector may test them later, while the list is sent. */
  fetchedObjects: number;
}

/** Upstream's. */
export const storeRequestBounds = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
];
export const readWaitBounds = storeRequestBounds.filter((seconds) => seconds <= 3);
const msPerSecond = 1000;

export class ResourceCounts {
  eventsReceived = 0;
  eventsDispatched = 0;
  initializations = 0;
  /** Watchers that were ended since they could not keep up. */
  terminatedWatchers = 0;
  readonly cacheLists: ListCounts = { lists: 0, fetchedObjects: 0 };
  readonly storageLists: ListCounts = { lists: 0, fetchedObjects: 0 };
  /** Lists of the newest state, which the cache answered once it was as new as the store, or failed to. */
  readonly consistentReads = { succeeded: 0, failed: 0 };
  /** A resource of which nothing is written or listed has none. */
  readonly storeRequests = new Map<StoreOperation, StoreRequests>();
  #readWaits: Observations | undefined;

  /** How long lists waited for the cache to be as new as they asked for; undefined before the first list. */
  get readWaits(): Observations | undefined {
    return this.#readWaits;
  }

  listWaited(ms: number): void {
    this.#readWaits ??= new Observations(readWaitBounds, msPerSecond);
    this.#readWaits.observe(ms);
  }

  listed(source: ListCounts, fetchedObjects: number): void {
    source.lists++;
    source.fetchedObjects += fetchedObjects;
  }

  storeAnswered(operation: StoreOperation, ms: number): void {
    this.#requests(operation).durations.observe(ms);
  }

  storeFailed(operation: StoreOperation, ms: number): void {
    const requests = this.#requests(operation);
    requests.durations.observe(ms);
    requests.errors++;
  }

  #requests(operation: StoreOperation): StoreRequests {
    let requests = this.storeRequests.get(operation);
    if (!requests) {
      requests = { durations: new Observations(storeRequestBounds, msPerSecond), errors: 0 };
      this.storeRequests.set(operation, requests);
    }
    return requests;
  }
}
