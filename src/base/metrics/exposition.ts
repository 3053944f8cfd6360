/** Samples in Prometheus' text format: measurements with their times, and what parts of the program count. */

import type { Distribution, Metric, MetricLabels } from './metric.ts';

export type Labels = MetricLabels;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
  /** Wall time of the measurement. Absent: that of the scrape. */
  readonly atMs?: number;
}

interface Family {
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly samples: Sample[];
}

/** A scrape: families in the order in which they are declared, those without samples left out. */
export class Exposition {
  readonly #families = new Map<string, Family>();

  declare(name: string, type: 'counter' | 'gauge', help: string): void {
    this.#families.set(name, { help, type, samples: [] });
  }

  /** The family is declared before. */
  add(name: string, sample: Sample): void {
    this.#families.get(name)!.samples.push(sample);
  }

  get text(): string {
    return [...this.#families].map(([name, family]) => familyText(name, family)).join('');
  }
}

/** What parts of the program count, in one page. */
export function metricsPage(metrics: Iterable<Metric>): string {
  return Array.from(metrics, metricText).join('');
}

function metricText(metric: Metric): string {
  const { name, help, type } = metric;
  const samples = Array.from(metric.readings(), ([labels, value]) =>
    typeof value === 'number'
      ? [`${name}${sampleText({ labels, value })}\n`]
      : bucketsText(name, labels, value),
  ).flat();
  if (samples.length === 0) return '';
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.join('')}`;
}

function bucketsText(name: string, labels: MetricLabels, { bounds, counts, sum }: Distribution): string[] {
  let count = 0;
  const buckets = counts.map((own, i) => {
    count += own;
    return `${name}_bucket${sampleText({ labels: { ...labels, le: bounds[i] ?? '+Inf' }, value: count })}\n`;
  });
  return [
    ...buckets,
    `${name}_sum${sampleText({ labels, value: sum })}\n`,
    `${name}_count${sampleText({ labels, value: count })}\n`,
  ];
}

function familyText(name: string, { help, type, samples }: Family): string {
  if (samples.length === 0) return '';
  const lines = samples.map((sample) => `${name}${sampleText(sample)}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function sampleText({ labels, value, atMs }: Sample): string {
  const names = Object.keys(labels).sort();
  const pairs = names.map((name) => `${name}=${quoted(String(labels[name]))}`);
  const time = atMs === undefined ? '' : ` ${Math.round(atMs)}`;
  return `${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}${time}`;
}

/** As the text format escapes: backslash, quote and line feed, and nothing else. */
function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')}"`;
}
