/**
 * The rules for names, labels and ports. Each returns upstream's messages; an empty list when the text is
 * valid. Lengths are counted in bytes.
 */

export const mustBeNonNegative = 'must be greater than or equal to 0';
/** As newer checks of upstream's say it. */
export const mustBeAtLeastZero = 'must be greater than or equal to zero';
export const mustBePositive = 'must be greater than zero';
export const fieldIsImmutable = 'field is immutable';

export const maxInt32 = 2147483647;

export const portProtocols = ['SCTP', 'TCP', 'UDP'];

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomain = `${label}(\\.${label})*`;
const underscoreLabel = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const underscoreSubdomain = `${underscoreLabel}(\\.${underscoreLabel})*`;
const qualified = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';

export const byteLength = (text: string) => Buffer.byteLength(text);

/** Of all keys and values. */
export function mapByteLength(map: Readonly<Record<string, string>>): number {
  let bytes = 0;
  for (const key in map) bytes += byteLength(key) + byteLength(map[key]!);
  return bytes;
}

const maxLengthText = (max: number) => `must be no more than ${max} characters`;
/** Upstream's newer checks, of labels and qualified names, say it so. */
const maxBytesText = (max: number) => `must be no more than ${max} bytes`;
export const rangeText = (low: number, high: number) => `must be between ${low} and ${high}, inclusive`;

/**
 * An expression, and the message for a text that does not match: built once, since nearly all texts match.
 */
interface Format {
  readonly pattern: RegExp;
  readonly text: string;
}

function format(source: string, message: string, examples: readonly string[]): Format {
  const quoted = examples.map((example) => `'${example}', `).join(' or ');
  const text = `${message} (e.g. ${quoted}regex used for validation is '${source}')`;
  return { pattern: new RegExp(`^(?:${source})$`), text };
}

function check(
  value: string,
  maxBytes: number,
  { pattern, text }: Format,
  tooLongText = maxLengthText,
): string[] {
  const matches = pattern.test(value);
  // Matching text is ASCII: as many bytes as characters.
  if (matches && value.length <= maxBytes) return [];
  const errors = byteLength(value) > maxBytes ? [tooLongText(maxBytes)] : [];
  if (!matches) errors.push(text);
  return errors;
}

const alnumEnds = 'and must start and end with an alphanumeric character';

const labelFormat = format(
  label,
  `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', ${alnumEnds}`,
  ['my-name', '123-abc'],
);

const subdomainFormat = format(
  subdomain,
  `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', ${alnumEnds}`,
  ['example.com'],
);

export function dns1123Subdomain(value: string): string[] {
  return check(value, 253, subdomainFormat);
}

export function dns1123Label(value: string): string[] {
  const errors = check(value, 63, labelFormat);
  // A subdomain gets one message only.
  if (errors.length === 0 || !value.includes('.') || !subdomainFormat.pattern.test(value)) return errors;
  return errors.map((text) => (text === labelFormat.text ? 'must not contain dots' : text));
}

const underscoreSubdomainFormat = format(
  underscoreSubdomain,
  `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', ${alnumEnds}`,
  ['example.com'],
);

/** For DNS search paths. */
export function dns1123SubdomainWithUnderscore(value: string): string[] {
  return check(value, 253, underscoreSubdomainFormat);
}

const dns1035Format = format(
  '[a-z]([-a-z0-9]*[a-z0-9])?',
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  ['my-name', 'abc-123'],
);

export function dns1035Label(value: string): string[] {
  return check(value, 63, dns1035Format);
}

const wildcardFormat = format(
  `\\*\\.${subdomain}`,
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  ['*.example.com'],
);

export function wildcardDns1123Subdomain(value: string): string[] {
  return check(value, 253, wildcardFormat);
}

const qualifiedFormat = format(
  qualified,
  `must consist of alphanumeric characters, '-', '_' or '.', ${alnumEnds}`,
  ['MyName', 'my.name', '123-abc'],
);

const qualifiedBytesMax = 63;
const subdomainBytesMax = 253;

/** `example.com/MyName` or `MyName`. */
export function qualifiedName(value: string): string[] {
  if (isQualifiedName(value)) return [];
  const { pattern, text } = qualifiedFormat;
  const parts = value.split('/');
  if (parts.length > 2) {
    return [
      `a valid label key ${text} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const errors: string[] = [];
  if (parts.length === 2) {
    if (parts[0] === '') errors.push('prefix part must be non-empty');
    else {
      const wrong = check(parts[0]!, subdomainBytesMax, subdomainFormat, maxBytesText);
      errors.push(...wrong.map((text) => `prefix part ${text}`));
    }
  }
  const name = parts.at(-1)!;
  if (name === '') errors.push('name part must be non-empty');
  else if (byteLength(name) > qualifiedBytesMax) {
    errors.push(`name part ${maxBytesText(qualifiedBytesMax)}`);
  }
  if (!pattern.test(name)) errors.push(`name part ${text}`);
  return errors;
}

/** Matching text is ASCII: as many bytes as characters. */
function isQualifiedName(value: string): boolean {
  const slash = value.indexOf('/');
  const name = slash < 0 ? value : value.slice(slash + 1);
  if (name.length > qualifiedBytesMax || !qualifiedFormat.pattern.test(name)) return false;
  return slash < 0 || (slash <= subdomainBytesMax && subdomainFormat.pattern.test(value.slice(0, slash)));
}

const labelValueFormat = format(
  `(${qualified})?`,
  `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', ${alnumEnds}`,
  ['MyValue', 'my_value', '12345'],
);

export function labelValue(value: string): string[] {
  return check(value, 63, labelValueFormat, maxBytesText);
}

const configKeyFormat = format(
  '[-._a-zA-Z0-9]+',
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  ['key.name', 'KEY_NAME', 'key-name'],
);

/** Keys of ConfigMaps and Secrets: they become file names. */
export function configMapKey(value: string): string[] {
  const errors = check(value, 253, configKeyFormat);
  if (value === '.') errors.push("must not be '.'");
  else if (value === '..') errors.push("must not be '..'");
  else if (value.startsWith('..')) errors.push("must not start with '..'");
  return errors;
}

const envVarPattern = /^[ -<>-~]*$/;

export function envVarName(value: string): string[] {
  if (value === '') return ['environment variable name must be non-empty'];
  if (envVarPattern.test(value)) return [];
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

const headerFormat = format(
  '[-A-Za-z0-9]+',
  "a valid HTTP header must consist of alphanumeric characters or '-'",
  ['X-Header-Name'],
);

export function httpHeaderName(value: string): string[] {
  return headerFormat.pattern.test(value) ? [] : [headerFormat.text];
}

/** A name that must be a single URL path segment: RBAC objects. */
export function pathSegmentName(value: string): string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%']
    .filter((character) => value.includes(character))
    .map((character) => `may not contain '${character}'`);
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

const percentFormat = format(
  '[0-9]+%',
  "a valid percent string must be a numeric string followed by an ending '%'",
  ['1%', '93%'],
);

export function percent(value: string): string[] {
  return percentFormat.pattern.test(value) ? [] : [percentFormat.text];
}

const identifierFormat = format(
  '[A-Za-z_][A-Za-z0-9_]*',
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
  ['my_name', 'MY_NAME', 'MyName'],
);

export function cIdentifier(value: string): string[] {
  return identifierFormat.pattern.test(value) ? [] : [identifierFormat.text];
}

const reasonFormat = format(
  '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?',
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
  ['my_name', 'MY_NAME', 'MyName', 'ReasonA,ReasonB', 'ReasonA:ReasonB'],
);

export function conditionReason(value: string): string[] {
  return reasonFormat.pattern.test(value) ? [] : [reasonFormat.text];
}
