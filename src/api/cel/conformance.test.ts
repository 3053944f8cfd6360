/** The public conformance data of CEL, where Kubernetes' environment has what it is about. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tests as data } from '@bufbuild/cel-spec/testdata/conformance.js';
import { compile, isProgram } from './compile.ts';
import { baseEnvironment } from './environments/base.ts';
import {
  type ConformanceType,
  type ConformanceValue,
  conformanceType,
  conformanceValue,
  MessageValue,
} from './testing/conformance-value.ts';
import { CelType } from './types/type.ts';
import { equalValues } from './values/equal.ts';
import { Double, typeOfValue, type Value } from './values/value.ts';

interface Case {
  readonly name: string;
  readonly expr: string;
  readonly container?: string;
  readonly disableCheck?: boolean;
  readonly disableMacros?: boolean;
  readonly typeEnv?: readonly {
    readonly name: string;
    readonly ident?: { readonly type?: ConformanceType };
  }[];
  readonly bindings?: Readonly<Record<string, { readonly value?: ConformanceValue }>>;
  readonly value?: ConformanceValue;
  readonly evalError?: object;
  readonly anyEvalErrors?: object;
  readonly typedResult?: { readonly result?: ConformanceValue };
}

interface Suite {
  readonly name: string;
  readonly suites: readonly {
    readonly name: string;
    readonly tests: readonly { readonly original: Case }[];
  }[];
}

/** Libraries that Kubernetes does not have, and messages of protobuf. */
const otherLibraries = new Set([
  'bindings_ext',
  'block_ext',
  'dynamic',
  'encoders_ext',
  'enums',
  'math_ext',
  'network_ext',
  'proto2',
  'proto2_ext',
  'proto3',
  'unknowns',
  'wrappers',
]);

/** Differences between the specification and cel-go v0.26 as Kubernetes 1.36 has it, each seen there. */
const knownDifferences = new Set([
  'fields/map_value_repeat_key',
  'optionals/map_null_entry_no_such_key',
  'optionals/map_present_key_invalid_field',
  'string_ext/indexof_out_of_range',
  'string_ext/lastindexof_out_of_range',
]);

/** Formats of version 2 of the library: quoted texts in lists, digits grouped, exponents in superscript. */
const isOtherFormat = ({ expr }: Case) => expr.includes('.format(');

/** What the environment of Kubernetes rejects by intention. */
const rejected = /expected type '.*' but found|undeclared reference|unsupported syntax: '`'/;

const wantsError = (row: Case) => row.evalError !== undefined || row.anyEvalErrors !== undefined;

/** Undefined: out of scope. */
function isAsSpecified(row: Case): boolean | undefined {
  if (row.container || row.disableCheck || row.disableMacros) return undefined;
  const types = (row.typeEnv ?? []).map(
    ({ name, ident }) => [name, conformanceType(ident?.type ?? {})] as const,
  );
  if (types.some(([, type]) => type === undefined)) return undefined;
  const environment = baseEnvironment().with(Object.fromEntries(types) as Record<string, CelType>);
  const compilation = compile(row.expr, environment);
  if (!isProgram(compilation)) {
    return wantsError(row) || (rejected.test(compilation.text) ? undefined : false);
  }
  const bindings = Object.entries(row.bindings ?? {}).map(([name, { value }]) => [
    name,
    conformanceValue(value ?? {}),
  ]);
  const result = compilation.evaluate(Object.fromEntries(bindings));
  if (wantsError(row)) return !result.ok;
  const wanted = row.typedResult === undefined ? (row.value ?? { boolValue: true }) : row.typedResult.result;
  if (wanted === undefined) return undefined;
  return result.ok && isSame(result.value as Value, conformanceValue(wanted));
}

function isSame(value: Value, wanted: Value): boolean {
  if (wanted instanceof CelType) return value instanceof CelType && value.name === wanted.name;
  if (value instanceof Double && wanted instanceof Double && Number.isNaN(wanted.value)) {
    return Number.isNaN(value.value);
  }
  return typeOfValue(value).name === typeOfValue(wanted).name && equalValues(value, wanted) === true;
}

function answerOf(row: Case): boolean | undefined {
  try {
    return isAsSpecified(row);
  } catch (error) {
    if (error instanceof MessageValue) return undefined;
    throw error;
  }
}

for (const { name: file, suites } of (data as unknown as { suites: readonly Suite[] }).suites) {
  if (otherLibraries.has(file)) continue;
  const rows = suites.flatMap(({ tests }) => tests.map(({ original }) => original));
  test(`the conformance data of CEL – ${file} – is met`, (context) => {
    const answers = rows.map((row) => [row, answerOf(row)] as const);
    const wrong = answers.filter(([row, answer]) => {
      return answer === false && !isOtherFormat(row) && !knownDifferences.has(`${file}/${row.name}`);
    });
    const met = answers.filter(([, answer]) => answer === true).length;
    context.diagnostic(`${file}: ${met} of ${rows.length} are in scope and met`);
    assert.deepEqual(
      wrong.map(([row]) => `${row.name}: ${row.expr}`),
      [],
    );
  });
}
