import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOneYaml, parseYaml, toYaml } from './yaml.ts';

test('YAML is read as Kubernetes reads it', () => {
  const cases: [string, unknown][] = [
    ['yes', true],
    ['off', false],
    ['"yes"', 'yes'],
    ['0777', 511],
    ['0x1F', 31],
    ['1_000', 1000],
    ['1:30', '1:30'],
    ['2020-01-02', '2020-01-02'],
    ['1e3', 1000],
    ['~', null],
    ['1.0', 1],
    ['v1', 'v1'],
    ['80/TCP', '80/TCP'],
    ['{a: 1, a: 2}', { a: 2 }],
    ['|\n  a\n  b\n', 'a\nb\n'],
  ];
  for (const [source, expected] of cases) {
    assert.deepEqual((parseOneYaml(`value: ${source}`) as { value: unknown }).value, expected, source);
  }
  assert.deepEqual(parseYaml('---\na: 1\n---\n# nothing\n---\nb: 2\n'), [{ a: 1 }, { b: 2 }]);
  assert.deepEqual(parseOneYaml('base: &b {x: 1}\nother: {<<: *b, z: 2}\n1: one\ntrue: t\n'), {
    '1': 'one',
    base: { x: 1 },
    other: { x: 1, z: 2 },
    true: 't',
  });
  assert.deepEqual(parseOneYaml('{"a": "b\\u00fc"}'), { a: 'bü' });
  assert.throws(() => parseYaml('a: [1'), { name: 'YamlError' });
  assert.throws(() => parseYaml('a: 1\na: 2', { strict: true }), { name: 'YamlError' });
});

test('a text is quoted where it would be read as something else', () => {
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
    assert.equal(toYaml({ v: value }), `v: ${expected}\n`);
    assert.deepEqual(parseOneYaml(toYaml({ v: value })), { v: value });
  }
});

test('YAML is written sorted, with lists not indented, and reads back', () => {
  const value = {
    b: ['x', { d: 'yes', c: '1', n: null }],
    a: { empty: {}, list: [], text: 'l1\nl2\n', t: '0777' },
  };
  const yaml = toYaml(value);
  assert.equal(
    yaml,
    'a:\n  empty: {}\n  list: []\n  t: "0777"\n  text: |\n    l1\n    l2\nb:\n- x\n- c: "1"\n  d: "yes"\n  "n": null\n',
  );
  assert.deepEqual(parseOneYaml(yaml), value);
});
