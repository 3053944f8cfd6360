/** Counts probes and how long they took, by upstream's names; the series of a container end with its probes. */

import { Observations } from '#base/metrics/histogram.ts';
import type { Metric, MetricLabels, Reading } from '#base/metrics/metric.ts';
import type { ProbeVerdict } from '../decide/container-plan.ts';
import type { NodePod } from '../pod/pod.ts';

/** Of Prometheus' own default, which upstream uses, in seconds. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const msPerSecond = 1000;

const typeOf = {
  liveness: 'Liveness',
  readiness: 'Readiness',
  startup: 'Startup',
} as const;
const resultOf: Readonly<Record<ProbeVerdict, string>> = {
  success: 'successful',
  failure: 'failed',
  unknown: 'unknown',
};

interface Probed {
  readonly pod: NodePod;
  readonly container: { readonly name: string };
  readonly kind: keyof typeof typeOf;
}

interface Series {
  readonly labels: MetricLabels;
  readonly podUid: string;
  readonly counts: Map<ProbeVerdict, number>;
  readonly durations: Observations;
}

export class ProbeMetrics {
  /** By pod, container and kind of probe. */
  readonly #series = new Map<string, Series>();

  /** A failed probe has no duration, as upstream. */
  observe(target: Probed, verdict: ProbeVerdict, durationMs: number): void {
    const { counts, durations } = this.#seriesOf(target);
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
    if (verdict !== 'failure') durations.observe(durationMs);
  }

  forget(target: Probed): void {
    this.#series.delete(keyOf(target));
  }

  get metrics(): readonly Metric[] {
    return [
      {
        name: 'prober_probe_total',
        help: 'Probes of containers, by their result.',
        type: 'counter',
        readings: () => this.#totals(),
      },
      {
        name: 'prober_probe_duration_seconds',
        help: 'How long probes took that did not fail.',
        type: 'histogram',
        readings: () => this.#durations(),
      },
    ];
  }

  *#totals(): Iterable<Reading> {
    for (const { labels, podUid, counts } of this.#series.values()) {
      for (const [verdict, count] of counts) {
        yield [{ ...labels, pod_uid: podUid, result: resultOf[verdict] }, count];
      }
    }
  }

  *#durations(): Iterable<Reading> {
    for (const { labels, durations } of this.#series.values()) {
      if (durations.count > 0) yield [labels, durations];
    }
  }

  #seriesOf(target: Probed): Series {
    const key = keyOf(target);
    const known = this.#series.get(key);
    if (known) return known;
    const { kind, pod, container } = target;
    const { name, namespace = '', uid } = pod.metadata;
    const labels = { probe_type: typeOf[kind], container: container.name, pod: name, namespace };
    const series = {
      labels,
      podUid: uid,
      counts: new Map(),
      durations: new Observations(bounds, msPerSecond),
    };
    this.#series.set(key, series);
    return series;
  }
}

function keyOf({ kind, pod, container }: Probed): string {
  return `${pod.metadata.uid}/${container.name}/${kind}`;
}
