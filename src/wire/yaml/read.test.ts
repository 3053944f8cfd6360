/** YAML against the results of sigs.k8s.io/yaml v1.6.0 for the same text. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readYaml } from './read.ts';

const readValue = (text: string) => readYaml(text).value;

describe('YAML – a plain scalar – is what go-yaml resolves it to', () => {
  const cases: [string, unknown][] = [
    ['yes', true],
    ['off', false],
    ['n', false],
    ['oN', 'oN'],
    ['"yes"', 'yes'],
    ['0777', 511],
    ['08', 8],
    ['0o17', 15],
    ['0x1F', 31],
    ['-0b11', -3],
    ['1_000', 1000],
    ['_1', '_1'],
    ['1:30', '1:30'],
    ['2020-01-02', '2020-01-02'],
    ['1e3', 1000],
    ['1e999', '1e999'],
    ['0x1ffffffffffffffff', '0x1ffffffffffffffff'],
    [`0b${'1'.repeat(64)}`, 2 ** 64],
    [`0x${'0'.repeat(100)}11`, 17],
    [`0b${'1'.repeat(65)}`, `0b${'1'.repeat(65)}`],
    ['9'.repeat(500), '9'.repeat(500)],
    ['-.5', -0.5],
    ['.', '.'],
    ['e5', 'e5'],
    ['~', null],
    ['NULL', null],
    ['nUll', 'nUll'],
    ['1.0', 1],
    ['v1', 'v1'],
    ['80/TCP', '80/TCP'],
    ['<<', '<<'],
    ['! 12', '12'],
    ['!!str 5', '5'],
    ['!!float 3', 3],
    ['!!binary "aGk="', 'hi'],
    ['!foo 5', '5'],
    ['!!set {x}', { x: null }],
    ['!<tag:yaml.org,2002:str> 5', '5'],
    ['{a: 1, a: 2}', { a: 2 }],
    ['|\n  a\n  b\n', 'a\nb\n'],
    ['|\n  a', 'a'],
    ['"b\\u00fc\\x41"', 'büA'],
    ["'\u2028      x'", '\u2028x'],
    ["'b  \u2029\t '", 'b\u2029'],
    ['"b\\ \u2028  c"', 'b \u2028c'],
    ['b \u2028   c', 'b\u2028c'],
    ['"x\\L  y"', 'x\u2028  y'],
  ];
  for (const [source, expected] of cases) {
    test(source, () => {
      assert.deepEqual(readValue(`value: ${source}`), { value: expected });
    });
  }
});

test('YAML – ten thousand blank lines and comments before a key – a later document is still ignored', () => {
  const blank = ' \n# c\n\n'.repeat(10_000);
  assert.deepEqual(readValue(`${blank}a: 1\n---\nb: 2\n`), { a: 1 });
  assert.deepEqual(readValue(`${blank}---\na: 1\n---\nb: 2\n`), { a: 1 });
});

test('YAML – an alias that copies much text – is rejected like one that copies many nodes', () => {
  const excessive = { message: 'yaml: document contains excessive aliasing' };
  const list = (bytes: number, aliases: number) =>
    `a: &a ${'x'.repeat(bytes)}\nb: [${Array(aliases).fill('*a').join(',')}]\n`;
  assert.throws(() => readYaml(list(100_000, 40)), excessive);
  assert.equal((readValue(list(100_000, 20)) as { b: string[] }).b.length, 20);
  const nested = `a: &a [${'x'.repeat(100_000)}]\nb: &b [*a, *a, *a, *a, *a]\nc: [*b, *b, *b, *b, *b, *b, *b]\n`;
  assert.throws(() => readYaml(nested), excessive);
});

describe('YAML – documents, aliases, merge keys, keys – as sigs.k8s.io/yaml reads them', () => {
  const cases: [string, unknown][] = [
    ['', null],
    ['---\na: 1\n---\nb: 2\n', { a: 1 }],
    ['---\n---\na: 1', null],
    ['# c\n%YAML 1.1\n---\na: 1', { a: 1 }],
    ['a: 1\n...\nb: [', { a: 1 }],
    ['%TAG !e! tag:yaml.org,2002:\n---\na: !e!int 5', { a: 5 }],
    ['b: &b {x: 1}\no: {<<: *b, z: 2}', { b: { x: 1 }, o: { x: 1, z: 2 } }],
    ['b: &b {x: 1}\no:\n  x: 5\n  <<: *b', { b: { x: 1 }, o: { x: 1 } }],
    ['a: &a {x: 1}\nc:\n  <<: [*a, {x: 2, z: 3}]', { a: { x: 1 }, c: { x: 1, z: 3 } }],
    ['- &a x\n- *a', ['x', 'x']],
    ['1: a\ntrue: b\n1.5: c\n.inf: d', { '1': 'a', true: 'b', '1.5': 'c', '.inf': 'd' }],
    ['? a\n: b\n? c', { a: 'b', c: null }],
  ];
  for (const [source, expected] of cases) {
    test(source, () => {
      assert.deepEqual(readValue(source), expected);
    });
  }
  const { value } = readYaml('__proto__: {x: 1}\nconstructor: 5');
  test('names that every object inherits', () => {
    assert.deepEqual(Object.keys(value as object), ['__proto__', 'constructor']);
  });
});

describe('YAML – lines within brackets and quotes – may have any indentation', () => {
  const cases: [string, unknown][] = [
    ['a: [\n1\n]\nb: 2', { a: [1], b: 2 }],
    ['a: "x\ny"\nb: c', { a: 'x y', b: 'c' }],
    ["args: [\n\"a\", # x ]\n'b', it's]\nb: 1", { args: ['a', 'b', "it's"], b: 1 }],
    ['a: |\n  [\nb: [\n1\n]', { a: '[\n', b: [1] }],
    ['a: b[\nc: [\n1\n]', { a: 'b[', c: [1] }],
    ['- a: {\nx: 1}\n  b: |\n    {[\n- c', [{ a: { x: 1 }, b: '{[\n' }, 'c']],
    ['a: &x [\n1\n]\nb: *x', { a: [1], b: [1] }],
  ];
  for (const [source, expected] of cases) {
    test(source, () => {
      assert.deepEqual(readValue(source), expected);
    });
  }
});

describe('YAML – what go-yaml rejects – is rejected with its message', () => {
  const cases: [string, string][] = [
    ['a: *nope', "yaml: unknown anchor 'nope' referenced"],
    ['a: &a\n  <<: *a', "yaml: anchor 'a' value contains itself"],
    ['a:\n  <<: 1', 'yaml: map merge requires map or sequence of maps as the value'],
    ['? {x: w}\n: z', 'yaml: invalid map key: map[interface {}]interface {}{"x":"w"}'],
    ['~: a', 'unsupported map key of type: %!s(<nil>), key: <nil>, value: "a"'],
    ['a: .nan', 'json: unsupported value: NaN'],
    ['a: !!binary "zzz"', 'yaml: !!binary value contains invalid base64 data'],
    ['%YAML 1.3\n---\na: 1', 'yaml: found incompatible YAML document'],
    ['{', 'yaml: line 1: did not find expected node content'],
    ['a: "x', 'yaml: found unexpected end of stream'],
    ['a: 1\nb: @x', 'yaml: line 2: found character that cannot start any token'],
    ['a:\n\tb: 1', 'yaml: line 2: found character that cannot start any token'],
    ['['.repeat(2000), 'yaml: exceeded max depth'],
    ['a: [1\nb: 2', "yaml: line 1: did not find expected ',' or ']'"],
    ['{a: b c: d}', "yaml: did not find expected ',' or '}'"],
    ['a: {b: [1\n\n', "yaml: line 2: did not find expected ',' or ']'"],
    [`{a: ["[", '{'] # [`, "yaml: line 1: did not find expected ',' or '}'"],
    ['{', 'yaml: line 1: did not find expected node content'],
    ['{a:', 'yaml: line 1: did not find expected node content'],
    ['\n\n[a,', 'yaml: line 3: did not find expected node content'],
  ];
  for (const [source, message] of cases) {
    test(source, () => {
      assert.throws(() => readValue(source), { name: 'YamlError', message });
    });
  }
  test('bytes that are no UTF-8', () => {
    assert.throws(() => readYaml(Buffer.from([0x61, 0xff])), {
      message: 'yaml: invalid leading UTF-8 octet',
    });
  });
});

test('YAML – few aliases, very many aliases – make many copies, are rejected', () => {
  const ten = 'a: &a [x,x,x,x,x,x,x,x,x,x]\n';
  const levels = (names: string) =>
    ten +
    [...names].map((name, i) => `${name}: &${name} [${Array(9).fill(`*${`a${names}`[i]}`)}]`).join('\n');
  assert.equal(Object.keys(readValue(levels('bc')) as object).length, 3);
  assert.throws(() => readValue(levels('bcdefgh')), {
    message: 'yaml: document contains excessive aliasing',
  });
});

test('YAML – duplicate keys – are reported by line, the first hundred', () => {
  assert.deepEqual(readYaml('a: 1\nb:\n  c: 1\n  c: 2\n1: x\n1: y\n').duplicates, [
    'line 4: key "c" already set in map',
    'line 6: key 1 already set in map',
  ]);
  assert.equal(readYaml('a: 1\n'.repeat(500)).duplicates.length, 100);
});
