/** Texts that a reader of YAML 1.1 would take for something else than a text: they are quoted. */

const words =
  /^(?:~|null|Null|NULL|[yYnN]|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|true|True|TRUE|false|False|FALSE|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|)$/;
const integer = /^[-+]?(?:0|[1-9]\d*|0[0-7]+|0[oO][0-7]+|0[xX][\da-fA-F]+|0[bB][01]+)$/;
const float = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const sexagesimal = /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/;
const date = /^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt](.*)| (.*))?$/;
const timeOfDay = /^(\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?(Z|[-+]\d\d:\d\d)?$/;
const maybeOther = /^[-+.\d~yYnNtTfFoO]|^$/;
const int64Max = 2n ** 63n - 1n;
const uint64Max = 2n ** 64n - 1n;

export function hasOtherMeaning(text: string): boolean {
  if (!maybeOther.test(text)) return false;
  if (words.test(text)) return true;
  if (!/^[-+.\d]/.test(text)) return false;
  if (text.startsWith('.')) return isFloat(text);
  const digits = text.replaceAll('_', '');
  return isInteger(digits) || isFloat(digits) || sexagesimal.test(text) || isTimestamp(text);
}

function isInteger(text: string): boolean {
  if (!integer.test(text)) return false;
  const isNegative = text.startsWith('-');
  const isSigned = isNegative || text.startsWith('+');
  const digits = (isSigned ? text.slice(1) : text).replace(/^0(?=[0-7])/, '0o').toLowerCase();
  const value = BigInt(digits);
  return value <= (isNegative ? int64Max + 1n : isSigned ? int64Max : uint64Max);
}

/** A number that overflows stays a text. */
function isFloat(text: string): boolean {
  return float.test(text) && Number.isFinite(Number(text));
}

function isTimestamp(text: string): boolean {
  const [, year, month, day, zoned, plain] = date.exec(text) ?? [];
  if (year === undefined || !isDay(Number(year), Number(month), Number(day))) return false;
  if (zoned === undefined && plain === undefined) return true;
  const [, hour, minute, second, zone] = timeOfDay.exec(zoned ?? plain ?? '') ?? [];
  if (hour === undefined || (zone === undefined) !== (plain !== undefined)) return false;
  return Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
}

function isDay(year: number, month: number, day: number): boolean {
  const at = new Date(Date.UTC(year, month - 1, day));
  return month >= 1 && month <= 12 && day >= 1 && at.getUTCMonth() === month - 1;
}
