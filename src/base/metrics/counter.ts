/** A counter with labels: its series are begun once and added to as plain numbers. */

import { type Metric, type MetricLabels, type Reading, seriesKey } from './metric.ts';

export interface Count {
  value: number;
}

interface Series extends Count {
  readonly labels: MetricLabels;
}

export class Counter implements Metric {
  readonly type = 'counter';
  readonly name: string;
  readonly help: string;
  readonly #series: Series[] = [];
  readonly #byLabels = new Map<string, Count>();

  constructor(name: string, help: string) {
    this.name = name;
    this.help = help;
  }

  /** A new series, which is shown once it counts something: called once for each set of labels. */
  begin(labels: MetricLabels): Count {
    const count = { labels, value: 0 };
    this.#series.push(count);
    return count;
  }

  /** The series with these labels, begun when it is first asked for: where it is not worth keeping at hand. */
  of(labels: MetricLabels): Count {
    const key = seriesKey(labels);
    const count = this.#byLabels.get(key) ?? this.begin(labels);
    this.#byLabels.set(key, count);
    return count;
  }

  *readings(): Iterable<Reading> {
    for (const { labels, value } of this.#series) if (value > 0) yield [labels, value];
  }
}
