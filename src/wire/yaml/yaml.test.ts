import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readYaml } from './read.ts';
import { libraryYaml, toYaml } from './yaml.ts';

describe('YAML output – a text that would be read as something else – is quoted', () => {
  const cases: [string, string][] = [
    ['yes', '"yes"'],
    ['1', '"1"'],
    ['1e3', '"1e3"'],
    ['1:30', '"1:30"'],
    ['0o7', '"0o7"'],
    ['2020-01-01', '"2020-01-01"'],
    ['', '""'],
    ['10.0.0.1', '10.0.0.1'],
    ['1.2.3', '1.2.3'],
    ['v1', 'v1'],
    ['e5', 'e5'],
    ['nginx:1.2', 'nginx:1.2'],
    ['*a', "'*a'"],
    ['a: b', "'a: b'"],
  ];
  for (const [value, expected] of cases) {
    test(JSON.stringify(value), () => {
      assert.equal(toYaml({ v: value }), `v: ${expected}\n`);
      assert.deepEqual(readYaml(toYaml({ v: value })).value, { v: value });
    });
  }
});

test('YAML output – any value – is sorted, lists are not indented, and it reads back', () => {
  const value = {
    b: ['x', { d: 'yes', c: '1', n: null }],
    a: { empty: {}, list: [], text: 'l1\nl2\n', t: '0777' },
  };
  const yaml = toYaml(value);
  assert.equal(
    yaml,
    'a:\n  empty: {}\n  list: []\n  t: "0777"\n  text: |\n    l1\n    l2\nb:\n- x\n- c: "1"\n  d: "yes"\n  "n": null\n',
  );
  assert.deepEqual(readYaml(yaml).value, value);
});

test("YAML output – written without the library – equals the library's output", () => {
  const texts = [
    '',
    'a',
    'v1',
    'yes',
    'n',
    '1',
    '0x1',
    '1:30',
    'a b',
    ' a',
    'a ',
    'a: b',
    'a:b',
    'a:',
    '*a',
    '[a',
    '{"a":1}',
  ];
  texts.push(
    'l1\nl2\n',
    'l1\n\n  l2',
    '\n',
    '- a',
    '#x',
    'a #b',
    "it's",
    '"q"',
    'é',
    '\u0007',
    'a\tb',
    '~',
    'null',
    'f(x), y',
  );
  texts.push(
    '10.0.0.1',
    '<<',
    '100m',
    'a=b',
    '%a: b',
    '`x',
    'x'.repeat(200),
    'word '.repeat(40),
    '  lead\nx',
    'a/b:c',
    'TRUE',
  );
  const scalars = [...texts, 0, -5, 1.5, 1e21, true, null, {}, [], undefined];
  const byName = Object.fromEntries(texts.map((text, i) => [text, scalars[(i * 7) % scalars.length]]));
  const values: unknown[] = [
    ...scalars.map((value) => ({ a: value, list: [value, { b: value, c: [value] }] })),
    { metadata: byName, items: [byName, [byName], { of: byName }] },
    Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k${i}`, `it's ${i}`])),
  ];
  for (const value of values) assert.equal(toYaml(value), libraryYaml(value));
});
