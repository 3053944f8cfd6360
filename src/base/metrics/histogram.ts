/** A histogram with labels. Every request observes several of them: observing is a few additions. */

import { type Distribution, type Metric, type MetricLabels, type Reading, seriesKey } from './metric.ts';

/** One series. `scale`: how many of the observed unit are one of the published unit, such as 1000 ms of a second. */
export class Observations implements Distribution {
  readonly bounds: readonly number[];
  readonly counts: number[];
  readonly #bounds: number[];
  readonly #scale: number;
  #sum = 0;

  constructor(bounds: readonly number[], scale: number, scaled = bounds.map((bound) => bound * scale)) {
    this.bounds = bounds;
    this.#bounds = scaled;
    this.#scale = scale;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  get sum(): number {
    return this.#sum / this.#scale;
  }

  /** How many values were observed. */
  get count(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  /** `weight`: how many times the value is observed. */
  observe(value: number, weight = 1): void {
    let i = 0;
    while (i < this.#bounds.length && value > this.#bounds[i]!) i++;
    this.counts[i]! += weight;
    this.#sum += value * weight;
  }

  /** Observes all that `other`, with the same bounds, has observed. */
  add(other: Observations): void {
    for (let i = 0; i < this.counts.length; i++) this.counts[i]! += other.counts[i]!;
    this.#sum += other.#sum;
  }

  /** A series with the same bounds that has observed nothing. */
  empty(): Observations {
    return new Observations(this.bounds, this.#scale, this.#bounds);
  }
}

export interface HistogramOptions {
  readonly name: string;
  readonly help: string;
  readonly bounds: readonly number[];
  /** As of `Observations`. Default 1000: milliseconds are observed, seconds published; 1 for bytes. */
  readonly scale?: number;
}

export class Histogram implements Metric {
  readonly type = 'histogram';
  readonly name: string;
  readonly help: string;
  readonly #bounds: readonly number[];
  readonly #scale: number;
  readonly #series: Reading[] = [];
  readonly #byLabels = new Map<string, Observations>();

  constructor({ name, help, bounds, scale = 1000 }: HistogramOptions) {
    this.name = name;
    this.help = help;
    this.#bounds = bounds;
    this.#scale = scale;
  }

  /** A new series: called once for each set of labels. */
  begin(labels: MetricLabels = {}): Observations {
    const observations = new Observations(this.#bounds, this.#scale);
    this.#series.push([labels, observations]);
    return observations;
  }

  /** The series with these labels, begun when it is first asked for: where it is not worth keeping at hand. */
  of(labels: MetricLabels): Observations {
    const key = seriesKey(labels);
    const observations = this.#byLabels.get(key) ?? this.begin(labels);
    this.#byLabels.set(key, observations);
    return observations;
  }

  readings(): Iterable<Reading> {
    return this.#series;
  }
}
