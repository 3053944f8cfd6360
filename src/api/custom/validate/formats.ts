/** The string formats of OpenAPI schemas: those of upstream's registry. */

import { GoDurationError, parseGoDuration } from '../../go/duration.ts';
import { parseCidr, parseIp } from '../../values/ip.ts';
import { isCreditCard, isHexColor, isIsbn10, isIsbn13, isRgbColor } from './number-formats.ts';

type Check = (text: string) => boolean;

const matches =
  (pattern: RegExp): Check =>
  (text) =>
    pattern.test(text);

const uuid = (version: string, variant: string) =>
  matches(
    new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?${variant}[0-9a-f]{3}-?[0-9a-f]{12}$`, 'i'),
  );

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const shortNameMax = 63;
const longNameMax = 253;

/** By name without dashes. */
const formats: Readonly<Record<string, Check>> = {
  bsonobjectid: matches(/^[0-9a-f]{24}$/i),
  uri: isRequestUri,
  email: matches(/^([^\s@<>()[\]",;:\\]+|"[^"]*")@[^\s@<>()[\]",;:\\]+$/u),
  hostname: isHostname,
  ipv4: (text) => text.includes('.') && parseIp(text) !== undefined,
  ipv6: (text) => text.includes(':') && parseIp(text) !== undefined,
  cidr: (text) => parseCidr(text) !== undefined,
  mac: isMac,
  uuid: uuid('[0-9a-f]', '[0-9a-f]'),
  uuid3: uuid('3', '[0-9a-f]'),
  uuid4: uuid('4', '[89ab]'),
  uuid5: uuid('5', '[89ab]'),
  isbn: (text) => isIsbn10(text) || isIsbn13(text),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  creditcard: isCreditCard,
  ssn: matches(/^\d{3}[- ]?\d{2}[- ]?\d{4}$/),
  hexcolor: isHexColor,
  rgbcolor: isRgbColor,
  byte: matches(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/),
  password: () => true,
  date: isDate,
  duration: isDuration,
  datetime: isDateTime,
  k8sshortname: (text) => text.length <= shortNameMax && new RegExp(`^${label}$`).test(text),
  k8slongname: (text) => text.length <= longNameMax && new RegExp(`^${label}(\\.${label})*$`).test(text),
};

/** Undefined for an unknown format. */
export function formatCheck(format: string): Check | undefined {
  const name = format.replaceAll('-', '');
  return Object.hasOwn(formats, name) ? formats[name] : undefined;
}

/** Whether a format is known for a type. */
export function isKnownFormat(format: string, type: string): boolean {
  if (type === '' || type === 'string') return formatCheck(format) !== undefined;
  if (type === 'integer') return format === 'int32' || format === 'int64';
  return type === 'number' && (format === 'float' || format === 'double');
}

/** As Go's url.ParseRequestURI: an absolute path or an absolute URI. */
function isRequestUri(text: string): boolean {
  if (/[\s\p{Cc}]/u.test(text)) return false;
  return text.startsWith('/') || (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(text) && URL.canParse(text));
}

const hostname =
  /^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z\p{L}]){2,63})$/u;
const hostnameMax = 255;
const hostnamePartMax = 63;

function isHostname(text: string): boolean {
  // The length first: it bounds what the expression costs.
  if (Buffer.byteLength(text) > hostnameMax) return false;
  if (text.split('.').some((part) => Buffer.byteLength(part) > hostnamePartMax)) return false;
  return hostname.test(text);
}

function isMac(text: string): boolean {
  return [6, 8, 20].some((bytes) =>
    [
      `([0-9a-f]{2}:){${bytes - 1}}[0-9a-f]{2}`,
      `([0-9a-f]{2}-){${bytes - 1}}[0-9a-f]{2}`,
      `([0-9a-f]{4}\\.){${bytes / 2 - 1}}[0-9a-f]{4}`,
    ].some((form) => new RegExp(`^${form}$`, 'i').test(text)),
  );
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

const dateTime =
  /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(\.\d+)?(Z|[+-]([01]\d|2[0-3]):?[0-5]\d)$/i;

function isDateTime(text: string): boolean {
  if (text.length < 4) return false;
  const [, date] = dateTime.exec(text) ?? [];
  return date !== undefined && isDate(date);
}

/** As Go's time.ParseDuration, or as Scala writes it: `3 days`. */
function isDuration(text: string): boolean {
  try {
    parseGoDuration(text);
    return true;
  } catch (error) {
    if (!(error instanceof GoDurationError)) throw error;
  }
  const scala =
    /^((\d+)\s*(ns|nanos?|nanoseconds?|us|µs|micros?|microseconds?|ms|millis?|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)\s*)+$/i;
  return scala.test(text);
}
