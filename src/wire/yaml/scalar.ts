/**
 * The value of a plain YAML scalar in Kubernetes: YAML 1.1 as go-yaml reads it, without dates and base 60
 * numbers.
 */

import { exactInteger } from '../json/exact-integers.ts';
import { YamlError } from './error.ts';

/** Tags by their short name, as in messages. */
export type ScalarTag = '!!str' | '!!bool' | '!!int' | '!!float' | '!!null' | '!!merge' | '!!timestamp';

export interface Resolved {
  readonly tag: ScalarTag;
  readonly value: string | number | bigint | boolean | null;
}

const words = new Map<string, Resolved>();
const say = (tag: ScalarTag, value: Resolved['value'], texts: string) => {
  for (const text of texts.split(' ')) words.set(text, { tag, value });
};
say('!!bool', true, 'y Y yes Yes YES true True TRUE on On ON');
say('!!bool', false, 'n N no No NO false False FALSE off Off OFF');
say('!!null', null, '~ null Null NULL');
say('!!float', Number.NaN, '.nan .NaN .NAN');
say('!!float', Number.POSITIVE_INFINITY, '.inf .Inf .INF +.inf +.Inf +.INF');
say('!!float', Number.NEGATIVE_INFINITY, '-.inf -.Inf -.INF');
words.set('', { tag: '!!null', value: null });

/** Text that begins otherwise cannot be anything but a string. */
const first = /^[-+0-9yYnNtTfFoO~.]/;
const integer = /^([-+]?)(?:0[xX]([\da-fA-F]+)|0[oO]([0-7]+)|0[bB]([01]+)|0([0-7]+)|(0|[1-9]\d*))$/;
const float = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const pointFloat = /^\.\d+(?:[eE][-+]?\d+)?$/;
const timestamp = /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt ]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)?)?$/;

export function resolveScalar(text: string): Resolved {
  const isText = { tag: '!!str', value: text } as const;
  if (text !== '' && !first.test(text)) return isText;
  const word = words.get(text);
  if (word) return word;
  const code = text.charCodeAt(0);
  if (code === 0x2e) return pointFloat.test(text) ? (floatOf(text) ?? isText) : isText;
  if (code > 0x39) return isText;
  if (timestamp.test(text)) return { tag: '!!timestamp', value: text };
  const plain = text.replaceAll('_', '');
  return integerOf(plain) ?? (float.test(plain) ? floatOf(plain) : undefined) ?? isText;
}

/** A number too large for a double is a string. */
function floatOf(text: string): Resolved | undefined {
  const value = Number(text);
  return Number.isFinite(value) ? { tag: '!!float', value } : undefined;
}

const uint64Max = 2n ** 64n - 1n;
const int64Min = -(2n ** 63n);
/**
 * In base two; millions of digits would take seconds to compute, only to find that the number does not fit.
 */
const integerDigitsMax = 64;

function integerOf(plain: string): Resolved | undefined {
  const match = integer.exec(plain);
  if (!match) return undefined;
  const [, sign, hex, octal, binary, oldOctal, decimal] = match;
  const digits = hex
    ? `0x${hex}`
    : binary
      ? `0b${binary}`
      : (octal ?? oldOctal)
        ? `0o${octal ?? oldOctal}`
        : decimal!;
  if (digits.length <= 15) {
    return { tag: '!!int', value: sign === '-' ? -Number(digits) || 0 : Number(digits) };
  }
  if (digits.replace(/^(?:0[xob])?0*/, '').length > integerDigitsMax) return undefined;
  const value = sign === '-' ? -BigInt(digits) : BigInt(digits);
  // An unsigned number has no sign.
  const fits = value >= int64Min && (value < -int64Min || (sign === '' && value <= uint64Max));
  return fits ? { tag: '!!int', value: exactInteger(String(value)) } : undefined;
}

/** A scalar with an explicit tag. */
export function taggedScalar(tag: string, text: string): Resolved['value'] {
  if (tag === '!!str' || tag === '!') return text;
  if (tag === '!!binary') return binaryText(text);
  if (!['!!bool', '!!int', '!!float', '!!null', '!!timestamp'].includes(tag)) return text;
  const resolved = resolveScalar(text);
  const isWanted = resolved.tag === tag || (tag === '!!float' && resolved.tag === '!!int');
  if (!isWanted) throw new YamlError(`yaml: cannot decode ${resolved.tag} \`${text}\` as a ${tag}`);
  return tag === '!!float' ? Number(resolved.value) : resolved.value;
}

function binaryText(text: string): string {
  const packed = text.replace(/[\r\n]/g, '');
  if (packed.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(packed)) {
    throw new YamlError('yaml: !!binary value contains invalid base64 data');
  }
  return Buffer.from(packed, 'base64').toString('utf8');
}
