/** Samples in Prometheus' text format, each with the time of its measurement. */

export type Labels = Readonly<Record<string, string>>;

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

function familyText(name: string, { help, type, samples }: Family): string {
  if (samples.length === 0) return '';
  const lines = samples.map((sample) => `${name}${sampleText(sample)}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function sampleText({ labels, value, atMs }: Sample): string {
  const names = Object.keys(labels).sort();
  const pairs = names.map((name) => `${name}=${quoted(labels[name]!)}`);
  const time = atMs === undefined ? '' : ` ${Math.round(atMs)}`;
  return `${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}${time}`;
}

/** As the text format escapes: backslash, quote and line feed, and nothing else. */
function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')}"`;
}
