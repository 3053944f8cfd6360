/** Expressions that are put together at random: none of them crashes, hangs, or ends without an answer. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { upstreamTable } from '#testing/upstream-table.ts';
import { compile, isProgram } from './compile.ts';
import { ruleEnvironment } from './environments/rule.ts';
import { declareType } from './schema/declare-type.ts';
import { celSchema, type JsonSchema } from './testing/schema.ts';

interface Head {
  readonly schema: JsonSchema;
  readonly self: unknown;
}

const rounds = Number(process.env['CEL_FUZZ_ROUNDS'] ?? 3000);
const costLimit = 20_000;

/** Numbers from 0 below `bound`, the same in every run. */
function generator(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

const [head, ...rows] = upstreamTable<Head & { expression: string }>('cel.jsonl');
const environment = ruleEnvironment(declareType(celSchema(head!.schema), false)!);
const expressions = rows.map(({ expression }) => expression);
const pieces = expressions.flatMap((expression) => expression.match(/\w+|'[^']*'|\S/g) ?? []);

/** Data that does not fit the schema, too. */
const odd: readonly unknown[] = [
  head!.self,
  {},
  null,
  undefined,
  [],
  'text',
  { list: 'x', map: [], str: 1, objs: [null, 1], nested: { x: null }, dur: 'x', time: 5, bytes: '!' },
  JSON.parse('{"__proto__": {"val1": 1}, "constructor": 2, "map": {"__proto__": "x", "toString": "y"}}'),
];

function made(below: (bound: number) => number): string {
  const parts = [expressions[below(expressions.length)]!];
  for (let count = below(4); count > 0; count--) {
    const [base = ''] = parts;
    const at = below(base.length + 1);
    const piece = pieces[below(pieces.length)]!;
    const other = expressions[below(expressions.length)]!;
    parts[0] = [
      () => base.slice(0, at) + piece + base.slice(at),
      () => base.slice(0, at) + base.slice(at + 1 + below(5)),
      () => `(${base}) == (${other})`,
      () => `[${base}, ${other}].map(x, x)`,
      () => `dyn(${base}) ${['+', '-', '<', 'in', '&&', '?'][below(6)]} dyn(${other})`,
      () => base.replace(/self\.\w+/, () => `dyn(${other})`),
    ][below(6)]!();
  }
  return parts[0]!;
}

test('an expression – of random pieces, over any data – ends with a value, an error or issues', () => {
  const below = generator(20_261_129);
  for (let round = 0; round < rounds; round++) {
    const expression = made(below);
    const compilation = compile(expression, environment);
    if (!isProgram(compilation)) {
      assert.notEqual(compilation.text, '', expression);
      continue;
    }
    const { min, max } = compilation.estimateCost();
    assert.ok(min >= 0 && min <= max, expression);
    const result = compilation.evaluate(
      { self: odd[below(odd.length)], oldSelf: odd[below(odd.length)] },
      costLimit,
    );
    assert.ok(result.ok || result.error !== '', expression);
  }
});

for (const [name, expression] of [
  ['nested too deeply', `${'('.repeat(300)}1${')'.repeat(300)}`],
  ['with a long chain of selections', `self${'.a'.repeat(1000)}`],
  ['with a long sum', `1${' + 1'.repeat(1000)}`],
  ['with too many characters', `'${'x'.repeat(100_001)}'`],
  ['a long list without an end', `[${'1,'.repeat(40_000)}`],
  ['many brackets', '['.repeat(5000)],
] as const) {
  test(`an expression – ${name} – is rejected`, () => {
    assert.equal(isProgram(compile(expression, environment)), false);
  });
}

for (const [name, expression] of [
  ['that multiplies lists', 'lists.range(1000).map(a, lists.range(1000).map(b, a * b)).size() > 0'],
  ['that doubles a text', `lists.range(40).map(x, 'a'.replace('a', '${'b'.repeat(200)}')).size() > 1000`],
  [
    'with an expensive regular expression',
    `lists.range(1000).all(x, !'${'a'.repeat(60)}'.matches('(a*)*b'))`,
  ],
] as const) {
  test(`an expression – ${name} – ends within its budget`, () => {
    const compilation = compile(expression, environment);
    assert.ok(isProgram(compilation));
    const result = compilation.evaluate({ self: head!.self });
    assert.ok(result.cost <= 1_100_000, `${result.cost}`);
  });
}
