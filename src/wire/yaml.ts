/** YAML as Kubernetes writes it: sorted keys, lists not indented, quotes where a reader would take a text for something else. */

import { Document, type ScalarTag, type Tags, visit } from 'yaml';

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
