/**
 * The metrics of the store and of the cache over it, by resource, under the names of upstream's etcd client and watch
 * cache: dashboards read these, whatever the store is.
 */

import { countedElsewhere, gauge, type Metric, type Reading } from '#base/metrics/metric.ts';
import { type ResourceCache, recentMax } from '../cache/resource-cache.ts';
import type { ResourceCounts } from '../cache/resource-counts.ts';
import type { Resources } from './resources.ts';

interface CachedResource {
  readonly labels: { readonly group: string; readonly resource: string };
  readonly cache: ResourceCache;
}

export function storageMetrics(resources: Resources): readonly Metric[] {
  const cached = () => cachedResources(resources);
  return [
    ...storeRequests(cached),
    ...counts.map(([name, help, count]) =>
      countedElsewhere(name, help, () => each(cached(), ({ counts }) => count(counts))),
    ),
    ...indexedCounts.map(([name, help, count]) =>
      countedElsewhere(name, help, () => eachWith(cached(), { index: '' }, ({ counts }) => count(counts))),
    ),
    ...states.map(([name, help, value]) => gauge(name, help, () => each(cached(), value))),
    ...reads(cached),
  ];
}

/** One for each folder of stored objects, with the name of the first served resource whose objects are there. */
function cachedResources({ known }: Resources): readonly CachedResource[] {
  const byCache = new Map<ResourceCache, CachedResource>();
  for (const { storage, def } of known) {
    if (!storage || byCache.has(storage.cache)) continue;
    const labels = { group: def.group, resource: def.resource };
    byCache.set(storage.cache, { labels, cache: storage.cache });
  }
  return [...byCache.values()];
}

function each(cached: readonly CachedResource[], value: (cache: ResourceCache) => number): Reading[] {
  return cached.map(({ labels, cache }) => [labels, value(cache)]);
}

/** Without the series whose value is 0. */
function eachWith(
  cached: readonly CachedResource[],
  more: Readonly<Record<string, string>>,
  value: (cache: ResourceCache) => number,
): Reading[] {
  return cached
    .map(({ labels, cache }): Reading => [{ ...labels, ...more }, value(cache)])
    .filter(([, value]) => value !== 0);
}

function storeRequests(cached: () => readonly CachedResource[]): readonly Metric[] {
  const requests = () =>
    cached().flatMap(({ labels, cache }) =>
      [...cache.counts.storeRequests].map(
        ([operation, { durations, errors }]) =>
          ({ labels: { operation, ...labels }, durations, errors }) as const,
      ),
    );
  return [
    {
      name: 'etcd_request_duration_seconds',
      help: 'How long the store took, by operation and resource.',
      type: 'histogram',
      readings: () => requests().map(({ labels, durations }): Reading => [labels, durations]),
    },
    countedElsewhere('etcd_requests_total', 'Requests to the store, by operation and resource.', () =>
      requests().map(({ labels, durations }): Reading => [labels, durations.count]),
    ),
    countedElsewhere('etcd_request_errors_total', 'Requests that the store failed to carry out.', () =>
      requests()
        .filter(({ errors }) => errors > 0)
        .map(({ labels, errors }): Reading => [labels, errors]),
    ),
  ];
}

type Row<T> = readonly [name: string, help: string, value: (source: T) => number];

const counts: readonly Row<ResourceCounts>[] = [
  [
    'apiserver_storage_events_received_total',
    'Changes that the store reported.',
    ({ eventsReceived }) => eventsReceived,
  ],
  [
    'apiserver_watch_cache_events_received_total',
    'Changes that the cache took from the store.',
    ({ eventsReceived }) => eventsReceived,
  ],
  [
    'apiserver_watch_cache_events_dispatched_total',
    'Changes that were offered to watchers.',
    ({ eventsDispatched }) => eventsDispatched,
  ],
  [
    'apiserver_watch_cache_initializations_total',
    'How often the cache was loaded.',
    ({ initializations }) => initializations,
  ],
  [
    'apiserver_terminated_watchers_total',
    'Watchers that were ended since they could not keep up.',
    ({ terminatedWatchers }) => terminatedWatchers,
  ],
  ['apiserver_storage_list_total', 'Lists served from history.', ({ storageLists }) => storageLists.lists],
  [
    'apiserver_storage_list_fetched_objects_total',
    'Objects that lists read from history.',
    ({ storageLists }) => storageLists.fetchedObjects,
  ],
];

const indexedCounts: readonly Row<ResourceCounts>[] = [
  ['apiserver_cache_list_total', 'Lists served from the cache.', ({ cacheLists }) => cacheLists.lists],
  [
    'apiserver_cache_list_fetched_objects_total',
    'Objects that lists took from the cache.',
    ({ cacheLists }) => cacheLists.fetchedObjects,
  ],
];

/** As upstream: the last fifteen digits. */
const revisionDigits = 1e15;

const states: readonly Row<ResourceCache>[] = [
  [
    'apiserver_watch_cache_resource_version',
    'The revision of the newest change that the cache has.',
    ({ lastChange }) => lastChange % revisionDigits,
  ],
  ['watch_cache_capacity', 'How many changes are kept for watchers that come back.', () => recentMax],
  [
    'apiserver_resource_size_estimate_bytes',
    'The size of the stored objects.',
    ({ index }) => index.sizeBytes,
  ],
];

function reads(cached: () => readonly CachedResource[]): readonly Metric[] {
  return [
    {
      name: 'apiserver_watch_cache_read_wait_seconds',
      help: 'How long lists waited for the cache to be as new as they asked for.',
      type: 'histogram',
      readings: () =>
        cached().flatMap(({ labels, cache: { counts } }): Reading[] =>
          counts.readWaits ? [[labels, counts.readWaits]] : [],
        ),
    },
    countedElsewhere('apiserver_watch_cache_consistent_read_total', 'Lists of the newest state.', () => [
      ...eachWith(
        cached(),
        { success: 'true', fallback: 'false' },
        ({ counts }) => counts.consistentReads.succeeded,
      ),
      ...eachWith(
        cached(),
        { success: 'false', fallback: 'false' },
        ({ counts }) => counts.consistentReads.failed,
      ),
    ]),
  ];
}
