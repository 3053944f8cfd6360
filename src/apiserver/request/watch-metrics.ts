/** The metrics of watches, under upstream's names: what is sent to watchers, and how long their first lists take. */

import type { Registry } from 'prom-client';
import type { ResourceDef } from '#api/schema/schema.ts';
import { Histogram, type Observations } from '#base/metrics/histogram.ts';
import { countedElsewhere, exponentialBounds, type Reading } from '#base/metrics/metric.ts';
import { registered, registerMetrics } from '../contract/register-metrics.ts';
import type { RequestInfo } from '../contract/request-info.ts';
import { scopeOf } from './request-labels.ts';

/** Upstream's. */
const eventBytes = exponentialBounds(1024, 2, 8);
const listSeconds = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 2, 4, 6, 8, 10, 15, 20, 30, 45, 60];

export class WatchMetrics {
  readonly #sizes: Histogram;
  readonly #listDurations: Histogram;
  readonly #series = new Map<string, Observations>();

  constructor(registry: Registry) {
    this.#sizes = registered(
      registry,
      new Histogram({
        name: 'apiserver_watch_events_sizes',
        help: 'The bytes of events sent to watchers.',
        bounds: eventBytes,
        scale: 1,
      }),
    );
    const sizes = this.#sizes;
    registerMetrics(registry, [
      countedElsewhere('apiserver_watch_events_total', 'Events sent to watchers.', () =>
        [...sizes.readings()].map(([labels, value]): Reading => [labels, (value as Observations).count]),
      ),
    ]);
    this.#listDurations = registered(
      registry,
      new Histogram({
        name: 'apiserver_watch_list_duration_seconds',
        help: 'How long it took until a watch that begins with a list had sent it.',
        bounds: listSeconds,
      }),
    );
  }

  /** The sizes of events of a resource. */
  sizes({ group, version, resource }: ResourceDef): Observations {
    return this.#begun(`${group}/${version}/${resource}`, () =>
      this.#sizes.begin({ group, version, resource }),
    );
  }

  listDurations(info: RequestInfo): Observations {
    const { group, version, resource } = info;
    const scope = scopeOf(info);
    return this.#begun(`${scope} ${group}/${version}/${resource}`, () =>
      this.#listDurations.begin({ group, version, resource, scope }),
    );
  }

  #begun(key: string, begin: () => Observations): Observations {
    const series = this.#series.get(key) ?? begin();
    this.#series.set(key, series);
    return series;
  }
}
