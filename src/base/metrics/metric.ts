/**
 * What a part of the program measures, under a name that operators know. Measuring adds to plain numbers; labels and
 * names are looked at when the metrics are read.
 */

export type MetricLabels = Readonly<Record<string, string | number>>;

export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** The series of now, in a stable order. */
  readings(): Iterable<Reading>;
}

export type Reading = readonly [labels: MetricLabels, value: number | Distribution];

/** The value of a histogram's series. */
export interface Distribution {
  /** The upper bounds of the buckets, in the unit that is published. */
  readonly bounds: readonly number[];
  /** By bucket; the last is for values above all bounds. */
  readonly counts: readonly number[];
  /** In the unit that is published. */
  readonly sum: number;
}

/** A value that is looked up when it is read. */
export function gauge(name: string, help: string, readings: () => Iterable<Reading>): Metric {
  return { name, help, type: 'gauge', readings };
}

/** A number that another part counts. */
export function countedElsewhere(name: string, help: string, readings: () => Iterable<Reading>): Metric {
  return { name, help, type: 'counter', readings };
}

/** Bounds of buckets: `count` of them, each `factor` times the one before. */
export function exponentialBounds(first: number, factor: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, power) => first * factor ** power);
}

/** Differs for each series of one metric: all have the same labels, given in the same order. Called for every request. */
export function seriesKey(labels: MetricLabels): string {
  let key = '';
  for (const name in labels) key += `${labels[name]}\0`;
  return key;
}
