/**
 * YAML as Kubernetes writes it: sorted keys, lists not indented, quotes where a text would be read as
 * something else.
 */

import { Document, type ScalarTag, type Tags, visit } from 'yaml';
import { isJsonObject, type JsonObject } from '../json/value.ts';

export function toYaml(value: unknown): string {
  if (!isFilledObject(value)) return libraryYaml(value);
  const lines = new Lines();
  writeMap(lines, value, '');
  return lines.leftToLibrary > leftToLibraryMax ? libraryYaml(value) : lines.texts.join('');
}

/** Letters, with characters in between that are not special there: most keys and texts. */
const plain = /^[A-Za-z](?:(?:[\w ./,=+@()-]|:(?! ))*[\w./)-])?$/;
/** Begins with a special character of YAML and does not contain the quote that is put around it. */
const singleQuotable = /^[*&!|>%@`{[#"][ -&(-~]*$/;
/**
 * At most this many texts of a value are left to the library one by one; beyond that it writes the whole
 * value.
 */
const leftToLibraryMax = 100;
/** Needs no escape within double quotes. */
const quotable = /^[\w.:+-]+$/;

class Lines {
  readonly texts: string[] = [];
  leftToLibrary = 0;

  byLibrary(value: object, indent: string): void {
    this.leftToLibrary++;
    if (this.leftToLibrary <= leftToLibraryMax) this.texts.push(indented(libraryYaml(value), indent));
  }
}

/**
 * Writes the values that nearly all objects consist of, ten times as fast as the library, which writes the
 * others.
 */
function writeMap(lines: Lines, map: JsonObject, indent: string): void {
  for (const key of Object.keys(map).sort()) {
    if (lines.leftToLibrary > leftToLibraryMax) return;
    writeEntry(lines, key, map[key], indent);
  }
}

function writeEntry(lines: Lines, key: string, value: unknown, indent: string): void {
  const name = scalarText(key);
  if (value === undefined) return;
  if (name === undefined) {
    lines.byLibrary({ [key]: value }, indent);
  } else if (isFilledObject(value)) {
    lines.texts.push(`${indent}${name}:\n`);
    writeMap(lines, value, `${indent}  `);
  } else if (Array.isArray(value) && value.length > 0) {
    lines.texts.push(`${indent}${name}:\n`);
    for (const item of value) writeItem(lines, item, indent);
  } else {
    const text = scalarText(value);
    if (text === undefined) lines.byLibrary({ [key]: value }, indent);
    else lines.texts.push(`${indent}${name}: ${text}\n`);
  }
}

/** An object's first line stands beside the dash. */
function writeItem(lines: Lines, item: unknown, indent: string): void {
  const text = scalarText(item);
  if (text !== undefined) {
    lines.texts.push(`${indent}- ${text}\n`);
  } else if (isFilledObject(item)) {
    const { texts } = lines;
    const first = texts.length;
    writeMap(lines, item, `${indent}  `);
    if (texts.length > first) texts[first] = `${indent}- ${texts[first]!.slice(indent.length + 2)}`;
  } else {
    lines.byLibrary([item], indent);
  }
}

function isFilledObject(value: unknown): value is JsonObject {
  if (!isJsonObject(value)) return false;
  for (const key in value) if (value[key] !== undefined) return true;
  return false;
}

/** Undefined for values that the library has to write. */
function scalarText(value: unknown): string | undefined {
  if (typeof value === 'boolean' || value === null) return String(value);
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : undefined;
  }
  if (typeof value !== 'string') return undefined;
  if (otherMeaning.test(value)) return quotable.test(value) ? `"${value}"` : undefined;
  if (plain.test(value)) return value;
  return singleQuotable.test(value) ? `'${value}'` : undefined;
}

/** Empty lines are not indented. */
function indented(text: string, indent: string): string {
  return indent === '' ? text : text.replace(/^(?=.)/gm, indent);
}

export function libraryYaml(value: unknown): string {
  const document = new Document(value, {
    version: '1.1',
    sortMapEntries: true,
    aliasDuplicateObjects: false,
    customTags: kubernetesTags,
  });
  visit(document, {
    // Double quotes for a text that would be read as something else, single quotes for other texts that need
    // them.
    Scalar(_, node) {
      if (typeof node.value === 'string' && otherMeaning.test(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ indentSeq: false, lineWidth: 0, singleQuote: true });
}

/** Plain text that a reader of YAML 1.1 or 1.2 would not resolve to a string. */
const words = '~|null|y|n|yes|no|on|off|true|false|\\.nan|[-+]?\\.inf|';
const integers = '0x[\\da-f_]+|0b[01_]+|0o[0-7_]+|\\d[\\d_]*|\\d[\\d_]*(?::[0-5]?\\d)+';
const floats = '(?:\\.\\d[\\d_]*|\\d[\\d_]*\\.[\\d_]*|\\d+)(?:e[-+]?\\d+)?';
const dates = '\\d{4}-\\d\\d?-\\d\\d?(?:[Tt ].*)?';
const otherMeaning = new RegExp(`^(?:${words}|[-+]?(?:${integers}|${floats})|${dates})$`, 'i');

/** Numbers that the library's YAML 1.1 does not know, or sees where there are none (`e5`). */
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
