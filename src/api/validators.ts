/** The small rules that names, labels, ports and addresses follow. Each returns what is wrong; nothing when all is well. */

import { type FieldError, invalidValue } from './field-error.ts';
import {
  isLinkLocalMulticast,
  isLinkLocalUnicast,
  isLoopback,
  isUnspecified,
  parseCidr,
  parseIp,
} from './ip.ts';

export const mustBeNonNegative = 'must be greater than or equal to 0';
export const mustBePositive = 'must be greater than zero';
export const fieldIsImmutable = 'field is immutable';

export const maxInt32 = 2147483647;

const labelFormat = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomainFormat = `${labelFormat}(\\.${labelFormat})*`;
const underscoreLabelFormat = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const underscoreSubdomainFormat = `${underscoreLabelFormat}(\\.${underscoreLabelFormat})*`;
const dns1035Format = '[a-z]([-a-z0-9]*[a-z0-9])?';
const qualifiedFormat = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const labelValueFormat = `(${qualifiedFormat})?`;
const configKeyFormat = '[-._a-zA-Z0-9]+';
const wildcardFormat = `\\*\\.${subdomainFormat}`;

/** Lengths are counted in bytes. */

export const byteLength = (text: string) => Buffer.byteLength(text);

const maxLengthText = (max: number) => `must be no more than ${max} bytes`;
export const rangeText = (low: number, high: number) => `must be between ${low} and ${high}, inclusive`;

function formatText(message: string, format: string, ...examples: string[]): string {
  if (examples.length === 0) return `${message} (regex used for validation is '${format}')`;
  const quoted = examples.map((one) => `'${one}', `).join(' or ');
  return `${message} (e.g. ${quoted}regex used for validation is '${format}')`;
}

const matchers = new Map<string, RegExp>();

function matches(value: string, format: string): boolean {
  let matcher = matchers.get(format);
  if (!matcher) {
    matcher = new RegExp(`^(?:${format})$`);
    matchers.set(format, matcher);
  }
  return matcher.test(value);
}

function check(value: string, max: number, format: string, message: string, ...examples: string[]): string[] {
  const errors: string[] = [];
  if (byteLength(value) > max) errors.push(maxLengthText(max));
  if (!matches(value, format)) errors.push(formatText(message, format, ...examples));
  return errors;
}

const alnumEnds = 'and must start and end with an alphanumeric character';

export function dns1123Label(value: string): string[] {
  const text = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', ${alnumEnds}`;
  return check(value, 63, labelFormat, text, 'my-name', '123-abc');
}

export function dns1123Subdomain(value: string): string[] {
  const text = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', ${alnumEnds}`;
  return check(value, 253, subdomainFormat, text, 'example.com');
}

/** For DNS search paths. The text shows the plain format, as upstream's does. */
export function dns1123SubdomainWithUnderscore(value: string): string[] {
  const errors = byteLength(value) > 253 ? [maxLengthText(253)] : [];
  const text = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', ${alnumEnds}`;
  if (!matches(value, underscoreSubdomainFormat)) {
    errors.push(formatText(text, subdomainFormat, 'example.com'));
  }
  return errors;
}

export function dns1035Label(value: string): string[] {
  const text =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
  return check(value, 63, dns1035Format, text, 'my-name', 'abc-123');
}

export function wildcardDns1123Subdomain(value: string): string[] {
  const text =
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
  return check(value, 253, wildcardFormat, text, '*.example.com');
}

const qualifiedText = `must consist of alphanumeric characters, '-', '_' or '.', ${alnumEnds}`;

/** `example.com/MyName` or `MyName`. */
export function qualifiedName(value: string): string[] {
  const parts = value.split('/');
  const format = formatText(qualifiedText, qualifiedFormat, 'MyName', 'my.name', '123-abc');
  if (parts.length > 2) {
    return [
      `a valid label key ${format} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const errors: string[] = [];
  if (parts.length === 2) {
    if (parts[0] === '') errors.push('prefix part must be non-empty');
    else errors.push(...dns1123Subdomain(parts[0]!).map((text) => `prefix part ${text}`));
  }
  const name = parts.at(-1)!;
  if (name === '') errors.push('name part must be non-empty');
  else if (byteLength(name) > 63) errors.push(`name part ${maxLengthText(63)}`);
  if (!matches(name, qualifiedFormat)) errors.push(`name part ${format}`);
  return errors;
}

export function labelValue(value: string): string[] {
  const text = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', ${alnumEnds}`;
  return check(value, 63, labelValueFormat, text, 'MyValue', 'my_value', '12345');
}

/** Keys of ConfigMaps and Secrets: they become file names. */
export function configMapKey(value: string): string[] {
  const text = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
  const errors = check(value, 253, configKeyFormat, text, 'key.name', 'KEY_NAME', 'key-name');
  if (value === '.') errors.push("must not be '.'");
  else if (value === '..') errors.push("must not be '..'");
  else if (value.startsWith('..')) errors.push("must not start with '..'");
  return errors;
}

export function envVarName(value: string): string[] {
  if (value === '') return ['environment variable name must be non-empty'];
  if (/^[ -<>-~]*$/.test(value)) return [];
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

export function httpHeaderName(value: string): string[] {
  const format = '[-A-Za-z0-9]+';
  if (matches(value, format)) return [];
  return [
    formatText("a valid HTTP header must consist of alphanumeric characters or '-'", format, 'X-Header-Name'),
  ];
}

/** A name that is one segment of a URL path: RBAC objects. */
export function pathSegmentName(value: string): string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%'].filter((sign) => value.includes(sign)).map((sign) => `may not contain '${sign}'`);
}

export const inRange = (value: number, low: number, high: number) =>
  value >= low && value <= high ? [] : [rangeText(low, high)];

export const portNumber = (value: number) => inRange(value, 1, 65535);
export const userOrGroupId = (value: number) => inRange(value, 0, maxInt32);

export function portName(value: string): string[] {
  const errors: string[] = [];
  if (byteLength(value) > 15) errors.push(maxLengthText(15));
  if (!/^[-a-z0-9]+$/.test(value)) {
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)');
  if (value.includes('--')) errors.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) errors.push('must not begin or end with a hyphen');
  return errors;
}

export function percent(value: string): string[] {
  const format = '[0-9]+%';
  if (matches(value, format)) return [];
  const text = "a valid percent string must be a numeric string followed by an ending '%'";
  return [formatText(text, format, '1%', '93%')];
}

/** One `Invalid value` per thing that `rule` finds wrong. */
export function checkField(field: string, value: string, rule: (value: string) => string[]): FieldError[] {
  return rule(value).map((text) => invalidValue(field, value, text));
}

export function checkNonNegative(field: string, value: number | undefined): FieldError[] {
  return value !== undefined && value < 0 ? [invalidValue(field, value, mustBeNonNegative)] : [];
}

export function checkPortNumberOrName(field: string, value: number | string | undefined): FieldError[] {
  const texts = typeof value === 'string' ? portName(value) : portNumber(value ?? 0);
  return texts.map((text) => invalidValue(field, value ?? 0, text));
}

export function checkIp(field: string, value: string): FieldError[] {
  if (parseIp(value)) return [];
  return [invalidValue(field, value, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')];
}

export function checkCidr(field: string, value: string): FieldError[] {
  if (parseCidr(value)) return [];
  return [invalidValue(field, value, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')];
}

/** Addresses that can never be an endpoint or an external address of a service. */
export function checkNotSpecialIp(field: string, value: string): FieldError[] {
  const ip = parseIp(value);
  if (!ip) return [invalidValue(field, value, 'must be a valid IP address')];
  const errors: FieldError[] = [];
  const say = (text: string) => errors.push(invalidValue(field, value, text));
  if (isUnspecified(ip)) say(`may not be unspecified (${value})`);
  if (isLoopback(ip)) say('may not be in the loopback range (127.0.0.0/8, ::1/128)');
  if (isLinkLocalUnicast(ip)) say('may not be in the link-local range (169.254.0.0/16, fe80::/10)');
  if (isLinkLocalMulticast(ip)) {
    say('may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)');
  }
  return errors;
}
