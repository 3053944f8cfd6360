/** Parses IP addresses and CIDRs as Go's `netip`, with its messages. */

import { goQuoted } from '#wire/json/go-values.ts';

export interface Address {
  /** 4 or 16. */
  readonly bytes: readonly number[];
  /** The zone of an IPv6 address, or an empty text. */
  readonly zone: string;
}

export interface Prefix {
  readonly address: Address;
  readonly bits: number;
}

/** Why a string is no address. */
export class AddressProblem {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

export function parseAddress(text: string): Address | AddressProblem {
  const parsed = parse(text);
  if (!(parsed instanceof Problem)) return parsed;
  const at = parsed.at === undefined ? '' : ` (at ${goQuoted(parsed.at)})`;
  return new AddressProblem(`ParseAddr(${goQuoted(text)}): ${parsed.message}${at}`);
}

export function parsePrefix(text: string): Prefix | AddressProblem {
  const problem = (why: string) => new AddressProblem(`netip.ParsePrefix(${goQuoted(text)}): ${why}`);
  const slash = text.lastIndexOf('/');
  if (slash < 0) return problem("no '/'");
  const address = parseAddress(text.slice(0, slash));
  if (address instanceof AddressProblem) return problem(address.message);
  if (address.zone !== '') return problem('IPv6 zones cannot be present in a prefix');
  const written = text.slice(slash + 1);
  if (!/^(?:0|[1-9]\d*)$/.test(written)) return problem(`bad bits after slash: ${goQuoted(written)}`);
  const bits = Number(written);
  if (bits > address.bytes.length * 8) return problem('prefix length out of range');
  return { address, bits };
}

class Problem {
  readonly message: string;
  /** The rest of the text where reading stopped. */
  readonly at: string | undefined;

  constructor(message: string, at?: string) {
    this.message = message;
    this.at = at;
  }
}

function parse(text: string): Address | Problem {
  const [first] = /[.:%]/.exec(text) ?? [];
  if (first === '.') {
    const bytes = parseFields(text);
    return bytes instanceof Problem ? bytes : { bytes, zone: '' };
  }
  if (first === ':') return parseIpv6(text);
  return new Problem(first === '%' ? 'missing IPv6 address' : 'unable to parse IP');
}

/** The four numbers of an IPv4 address. */
function parseFields(text: string): number[] | Problem {
  const fields: number[] = [];
  let digits = '';
  for (let index = 0; index < text.length; index++) {
    const character = text[index]!;
    if (/\d/.test(character)) {
      if (digits === '0') return new Problem('IPv4 field has octet with leading zero');
      digits += character;
      if (Number(digits) > 255) return new Problem('IPv4 field has value >255');
    } else if (character !== '.') {
      return new Problem('unexpected character', text.slice(index));
    } else if (digits === '' || index === text.length - 1) {
      return new Problem('IPv4 field must have at least one digit', text.slice(index));
    } else if (fields.length === 3) {
      return new Problem('IPv4 address too long');
    } else {
      fields.push(Number(digits));
      digits = '';
    }
  }
  return fields.length < 3 ? new Problem('IPv4 address too short') : [...fields, Number(digits)];
}

function parseIpv6(text: string): Address | Problem {
  const percent = text.indexOf('%');
  const zone = percent < 0 ? '' : text.slice(percent + 1);
  if (percent >= 0 && zone === '') return new Problem('zone must be a non-empty string');
  const groups = readGroups(percent < 0 ? text : text.slice(0, percent));
  if (groups instanceof Problem) return groups;
  const { bytes, zerosAt } = groups;
  if (bytes.length === 16) {
    if (zerosAt !== undefined) return new Problem('the :: must expand to at least one field of zeros');
    return { bytes, zone };
  }
  if (zerosAt === undefined) return new Problem('address string too short');
  const zeros = new Array<number>(16 - bytes.length).fill(0);
  return { bytes: [...bytes.slice(0, zerosAt), ...zeros, ...bytes.slice(zerosAt)], zone };
}

/** The bytes of the groups, and the index of `::` among them. */
function readGroups(text: string): { bytes: number[]; zerosAt: number | undefined } | Problem {
  let rest = text;
  let zerosAt: number | undefined;
  const bytes: number[] = [];
  if (rest.startsWith('::')) {
    zerosAt = 0;
    rest = rest.slice(2);
  }
  while (rest !== '' || bytes.length + (zerosAt ?? -1) < 0) {
    if (bytes.length === 16) return new Problem('trailing garbage after address', rest);
    const [digits = ''] = /^[0-9a-fA-F]*/.exec(rest) ?? [];
    if (digits.length > 4) return new Problem('each group must have 4 or less digits', rest);
    if (digits === '') return new Problem('each colon-separated field must have at least one digit', rest);
    if (rest[digits.length] === '.') return embedded(bytes, zerosAt, rest);
    const group = Number.parseInt(digits, 16);
    bytes.push(group >> 8, group & 0xff);
    rest = rest.slice(digits.length);
    if (rest === '') break;
    if (!rest.startsWith(':')) return new Problem('unexpected character, want colon', rest);
    if (rest === ':') return new Problem('colon must be followed by more characters', rest);
    rest = rest.slice(1);
    if (!rest.startsWith(':')) continue;
    if (zerosAt !== undefined) return new Problem('multiple :: in address', rest);
    zerosAt = bytes.length;
    rest = rest.slice(1);
    if (rest === '') break;
  }
  return { bytes, zerosAt };
}

/** An IPv4 address at the end of an IPv6 address. */
function embedded(bytes: readonly number[], zerosAt: number | undefined, rest: string) {
  if (zerosAt === undefined && bytes.length !== 12) {
    return new Problem('embedded IPv4 address must replace the final 2 fields of the address', rest);
  }
  if (bytes.length > 12) {
    return new Problem('too many hex fields to fit an embedded IPv4 at the end of the address', rest);
  }
  const fields = parseFields(rest);
  return fields instanceof Problem ? fields : { bytes: [...bytes, ...fields], zerosAt };
}
