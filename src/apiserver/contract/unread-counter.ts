/** A counter that requests add to as a plain number; the numbers reach the registry when the metrics are read. */

import { Counter, type LabelValues, type Registry } from 'prom-client';

export interface UnreadCount {
  readonly labels: LabelValues<string>;
  /** Since the metrics were last read. */
  unread: number;
}

export interface UnreadCounterOptions {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly registry: Registry;
}

export class UnreadCounter {
  readonly #counts: UnreadCount[] = [];

  constructor({ name, help, labelNames, registry }: UnreadCounterOptions) {
    const counts = this.#counts;
    new Counter({
      name,
      help,
      labelNames: [...labelNames],
      registers: [registry],
      collect() {
        for (const count of counts) {
          if (count.unread > 0) this.inc({ ...count.labels }, count.unread);
          count.unread = 0;
        }
      },
    });
  }

  /** A new series: called once for each set of labels. */
  begin(labels: LabelValues<string>): UnreadCount {
    const count = { labels, unread: 0 };
    this.#counts.push(count);
    return count;
  }
}
