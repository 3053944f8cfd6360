/** Values that programs trip over: odd texts, numbers out of range, names that JavaScript objects inherit. */

import type { Chance } from './chance.ts';

export const oddTexts: readonly string[] = [
  '',
  ' ',
  'a',
  'A',
  'x'.repeat(64),
  'x'.repeat(254),
  'y'.repeat(70_000),
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'length',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\udc00x',
  '\u{1f600}',
  'ÄÖ\u0301',
  '\ufeff',
  '../..',
  '%2e%2e',
  'a/b',
  'a.b/c',
  'a/b/c',
  '/',
  '*',
  '-',
  'a-',
  '127.0.0.1',
  '::1',
  '10.0.0.0/8',
  '10.0.0.1/8',
  'fd00::/64',
  '999.1.1.1',
  '1',
  '-1',
  '1.5',
  '0x10',
  '1e3',
  '1e999',
  '1Ki',
  '100m',
  '-5Gi',
  '1e-30',
  '9223372036854775808',
  'Infinity',
  'true',
  'null',
  '50%',
  '-50%',
  '101%',
  '1h',
  '-1h',
  '99999999h',
  '2026-01-01T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '0001-01-01T00:00:00Z',
  '99999-01-01T00:00:00Z',
  '2026-01-01T00:00:00.123456Z',
  'aGVsbG8=',
  '!not base64',
  '*/5 * * * *',
  'TZ=UTC 0 0 * * *',
  '@every 1s',
  '(((((((a+)+)+)+)+)+)+)$',
  '[',
  '$' + '{a}',
  '{{.}}',
  '$(X)',
  '\n',
  'a\r\nb: c',
  'kubernetes.io/x',
  'example.com/y',
  'v1',
  'apps/v1',
  'default',
  'Always',
  'Never',
  'TCP',
  'ClusterIP',
  'None',
  'self.x',
  "object.metadata.name == 'x'",
  '{.a.b}',
  "{.items[?(@.a=='b')]}",
];

export const oddNumbers: readonly number[] = [
  0,
  -0,
  1,
  -1,
  1.5,
  2,
  7,
  80,
  255,
  256,
  65_535,
  65_536,
  30_000,
  2_147_483_647,
  2_147_483_648,
  -2_147_483_649,
  9_007_199_254_740_991,
  2 ** 53,
  2 ** 63,
  1e19,
  1e21,
  1e308,
  5e-324,
  -1e300,
];

/** JSON texts that no value of this language is written as. */
export const rawTexts: readonly string[] = [
  '1e999',
  '-1e999',
  '-0',
  '-0.0',
  '1.0',
  '1E2',
  '0.1e1',
  '1152921504606846976',
  '9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '18446744073709551616',
  '1.7976931348623159e309',
  `1${'0'.repeat(400)}`,
  `1${'0'.repeat(250)}e99`,
  `0.${'0'.repeat(400)}1`,
  '01',
  '+1',
  '.5',
  '1.',
  'nul',
  'tru',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\u0000"',
  '"\\x"',
  '"a\tb"',
  "'a'",
  '{"a":1,"a":2}',
  '{"a":{"b":1},"a":{"c":2}}',
  '{"__proto__":{"a":1}}',
  '{"constructor":{"prototype":{"a":1}}}',
  '[1,]',
  '{,}',
  '{"a"}',
  '',
];

/** Stands in an object for one of `rawTexts`, until the object has been written. */
export const rawMark = '§raw';

export function withRawTexts(chance: Chance, json: string): string {
  return json.replaceAll(`"${rawMark}"`, () => chance.pick(rawTexts));
}

export function oddText(chance: Chance): string {
  const text = chance.pick(oddTexts);
  return text.length > 1000 && !chance.happens(0.05) ? 'z' : text;
}

export function oddKey(chance: Chance): string {
  return chance.happens(0.5)
    ? chance.pick(['a', 'k', 'name', 'app', 'key', 'cpu', 'memory'])
    : oddText(chance);
}

export function oddValue(chance: Chance, depth = 0): unknown {
  const kind = chance.below(depth > 3 ? 6 : 10);
  if (kind < 2) return oddText(chance);
  if (kind < 4) return chance.pick(oddNumbers);
  if (kind === 4) return chance.pick([true, false, null]);
  if (kind === 5) return rawMark;
  if (kind === 6) return deep(chance, chance.pick([3, 20, 120, chance.happens(0.02) ? 1500 : 40]));
  if (kind === 7) return chance.times(4, () => oddValue(chance, depth + 1));
  return ownObject(chance.times(4, () => [oddKey(chance), oddValue(chance, depth + 1)]));
}

/** `__proto__` is a key like any other. */
export function ownObject(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries);
}

function deep(chance: Chance, levels: number): unknown {
  let value: unknown = 1;
  const isList = chance.happens(0.5);
  for (let level = 0; level < levels; level++) value = isList ? [value] : { a: value };
  return value;
}
