/**
 * YAML as Kubernetes reads it (YAML 1.1 with `yes`/`on` as booleans and old octals, but no dates and no base-60
 * numbers) and as it writes it (sorted keys, lists not indented).
 */

import { Document, parseAllDocuments, type ScalarTag, type Tags, visit } from 'yaml';

export class YamlError extends Error {
  override name = 'YamlError';
}

/** Every document that is not empty. With `strict`, a key that comes twice is an error; otherwise the last one wins. */
export function parseYaml(source: Uint8Array | string, options: { strict?: boolean } = {}): unknown[] {
  const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
  const documents = parseAllDocuments(text, {
    version: '1.1',
    merge: true,
    uniqueKeys: options.strict === true,
    customTags: kubernetesTags,
    logLevel: 'silent',
  });
  const values: unknown[] = [];
  for (const document of documents) {
    const error = document.errors[0];
    if (error) throw new YamlError(`error converting YAML to JSON: yaml: ${error.message.split('\n')[0]}`);
    const value = jsonValue(document.toJS({ maxAliasCount: 1000 }));
    if (value !== null) values.push(value);
  }
  return values;
}

/** The only document, or the first. */
export function parseOneYaml(source: Uint8Array | string, options: { strict?: boolean } = {}): unknown {
  return parseYaml(source, options)[0];
}

export function toYaml(value: unknown): string {
  const document = new Document(value, {
    version: '1.1',
    sortMapEntries: true,
    aliasDuplicateObjects: false,
    customTags: kubernetesTags,
  });
  visit(document, {
    // What would be read as something else gets double quotes, all else that needs quotes single ones.
    Scalar(_, node) {
      if (typeof node.value === 'string' && otherMeaning.test(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ indentSeq: false, lineWidth: 0, singleQuote: true });
}

/** Plain text that a reader of YAML 1.1 or 1.2 would take for something else than text, now or once upon a time. */
const words = '~|null|y|n|yes|no|on|off|true|false|\\.nan|[-+]?\\.inf|';
const integers = '0x[\\da-f_]+|0b[01_]+|0o[0-7_]+|\\d[\\d_]*|\\d[\\d_]*(?::[0-5]?\\d)+';
const floats = '(?:\\.\\d[\\d_]*|\\d[\\d_]*\\.[\\d_]*|\\d+)(?:e[-+]?\\d+)?';
const dates = '\\d{4}-\\d\\d?-\\d\\d?(?:[Tt ].*)?';
const otherMeaning = new RegExp(`^(?:${words}|[-+]?(?:${integers}|${floats})|${dates})$`, 'i');

/** Numbers the library's YAML 1.1 does not know, or sees where there are none (`e5`). */
const numberTags: ScalarTag[] = [
  {
    tag: 'tag:yaml.org,2002:float',
    default: true,
    test: /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/,
    resolve: (text) => (Number.isFinite(Number(text)) ? Number(text) : text),
  },
  {
    tag: 'tag:yaml.org,2002:int',
    default: true,
    test: /^[-+]?0o[0-7_]+$/,
    resolve: (text) => {
      const magnitude = Number.parseInt(text.replace(/^[-+]?0o|_/g, ''), 8);
      return text.startsWith('-') ? -magnitude : magnitude;
    },
  },
];

function kubernetesTags(tags: Tags): Tags {
  return [...tags.filter(isKubernetesTag), ...numberTags];
}

const droppedTags = new Set([
  'tag:yaml.org,2002:timestamp',
  'tag:yaml.org,2002:binary',
  'tag:yaml.org,2002:omap',
  'tag:yaml.org,2002:pairs',
  'tag:yaml.org,2002:set',
]);

function isKubernetesTag(tag: Tags[number]): boolean {
  if (typeof tag === 'string') return true;
  const { tag: name, format } = tag as { tag: string; format?: string };
  const isLooseFloat = name === 'tag:yaml.org,2002:float' && format === 'EXP';
  return !droppedTags.has(name) && format !== 'TIME' && !isLooseFloat;
}

/** What JSON has no word for is refused; undefined becomes null. */
function jsonValue(value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new YamlError(`error converting YAML to JSON: json: unsupported value: ${value}`);
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(jsonValue);
  const result: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(value)) result[key] = jsonValue(one);
  return result;
}
