import assert from 'node:assert/strict';
import { test } from 'node:test';
import { upstreamTable } from '#testing/upstream-table.ts';
import { compile, isProgram } from './compile.ts';
import { ruleEnvironment } from './environments/rule.ts';
import { declareType } from './schema/declare-type.ts';
import { celSchema, type JsonSchema } from './testing/schema.ts';
import { shownWithType } from './testing/shown-value.ts';
import { formatType } from './types/type.ts';
import type { Value } from './values/value.ts';

/** What the libraries of Kubernetes v1.36.3 over cel-go v0.26.0 say of an expression. */
interface Row {
  readonly expression: string;
  readonly issues?: string;
  readonly type?: string;
  readonly estimate?: readonly [min: number, max: number];
  readonly cost?: number;
  readonly value?: unknown;
  readonly error?: string;
}

interface Head {
  readonly schema: JsonSchema;
  readonly self: unknown;
  readonly oldSelf: unknown;
}

const [head, ...rows] = upstreamTable<Head | Row>('cel.jsonl') as [Head, ...Row[]];
const environment = ruleEnvironment(declareType(celSchema(head.schema), false)!);

function answer(expression: string): Row {
  const compilation = compile(expression, environment);
  if (!isProgram(compilation)) return { expression, issues: compilation.text };
  const { min, max } = compilation.estimateCost();
  const result = compilation.evaluate({ self: head.self, oldSelf: head.oldSelf });
  return {
    expression,
    type: formatType(compilation.outputType),
    estimate: [min, max],
    cost: result.cost,
    ...(result.ok ? { value: shownWithType(result.value as Value) } : { error: result.error }),
  };
}

for (const row of rows) {
  test(`an expression – ${row.expression} – is what upstream says`, () => {
    assert.deepEqual(answer(row.expression), row);
  });
}
