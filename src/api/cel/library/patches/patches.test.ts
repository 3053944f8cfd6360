/** The values that expressions of mutations make. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile, isProgram } from '../../compile.ts';
import { compileCondition } from '../../condition.ts';
import { configurationType, mutationEnvironment, operationsType } from '../../environments/mutation.ts';
import type { Value } from '../../values/value.ts';
import { jsonOf } from './json-value.ts';
import { misplacedTypes } from './patch-object.ts';
import { PatchOperation } from './patch-operation.ts';

const environment = mutationEnvironment({ hasAuthorizer: true });
const bindings = { object: { spec: { replicas: 2, paused: null, tags: ['a'] } }, oldObject: null };

function evaluated(expression: string): Value {
  const compilation = compile(expression, environment);
  assert.ok(isProgram(compilation), isProgram(compilation) ? '' : compilation.text);
  const result = compilation.evaluate(bindings);
  assert.ok(result.ok, result.ok ? '' : result.error);
  return result.value as Value;
}

const made: readonly [expression: string, json: unknown][] = [
  ['Object{}', {}],
  ['Object{spec: Object.spec{replicas: 3}}', { spec: { replicas: 3 } }],
  ['Object{spec: Object.spec{replicas: object.spec.replicas + 1}}', { spec: { replicas: 3 } }],
  [
    'Object{spec: Object.spec{containers: [Object.spec.containers{name: "a"}]}}',
    { spec: { containers: [{ name: 'a' }] } },
  ],
  [
    'Object{metadata: Object.metadata{labels: {"a": "b", "c": string(1)}}}',
    { metadata: { labels: { a: 'b', c: '1' } } },
  ],
  ['Object{spec: Object.spec{tags: object.spec.tags + ["b"]}}', { spec: { tags: ['a', 'b'] } }],
  ['Object{?spec: optional.none(), ?status: optional.of(1)}', { status: 1 }],
  [
    'Object{spec: Object.spec{ratio: 1.5, at: duration("90s"), data: b"ab"}}',
    { spec: { ratio: 1.5, at: '90s', data: 'YWI=' } },
  ],
  [
    '[has(Object{a: 1}.a) ? 1 : 3, Object{} == Object{} ? 1 : 2, Object.spec{a: 1} == Object.spec{a: 2} ? 1 : 2]',
    [1, 1, 2],
  ],
  [
    '[JSONPatch{op: "add"}.op, JSONPatch{op: "add"} == JSONPatch{op: "add"} ? "same" : "other"]',
    ['add', 'same'],
  ],
  ["jsonpatch.escapeKey('k8s.io/my~label')", 'k8s.io~1my~0label'],
];

for (const [expression, json] of made) {
  test(`${expression} – evaluated – is this JSON`, () =>
    assert.deepEqual(jsonOf(evaluated(expression)), json));
}

test('JSONPatch – with all its fields – has their values', () => {
  const value = evaluated('JSONPatch{op: "move", path: "/a", from: "/b", value: [1]}');
  assert.ok(value instanceof PatchOperation);
  assert.deepEqual(value.texts, { op: 'move', path: '/a', from: '/b' });
  assert.deepEqual(jsonOf(value.value!), [1]);
});

test('JSONPatch – with an operation that is no string – is an error', () => {
  const compilation = compile('JSONPatch{op: dyn(1)}', environment);
  assert.ok(isProgram(compilation));
  const result = compilation.evaluate(bindings);
  assert.equal(result.ok ? '' : result.error, "unexpected type int64 for JSONPatchType 'op' field");
});

test('Object – with a part whose type has another name than its field – is reported', () => {
  const value = evaluated('Object{spec: Object.spec{selector: [Object.spec.wrong{}]}}');
  assert.deepEqual(misplacedTypes(value, 'Object'), [
    'unexpected type name "Object.spec.wrong", expected "Object.spec.selector", which matches field name path from root Object type',
  ]);
});

const refused: readonly [expression: string, results: 'configuration' | 'operations', why: string][] = [
  ['Object.spec{}', 'configuration', 'must evaluate to Object but got Object.spec'],
  ['{"spec": 1}', 'configuration', 'must evaluate to Object but got map(string, int)'],
  ['JSONPatch{}', 'operations', 'must evaluate to list(JSONPatch) but got JSONPatch'],
  ['[1]', 'operations', 'must evaluate to list(JSONPatch) but got list(int)'],
  [
    'type(Object.spec{}) == Object.spec ? Object{} : Object{}',
    'configuration',
    'program instantiation failed: reference to undefined type: Object.spec',
  ],
  [
    '[JSONPatch{odd: 1}]',
    'operations',
    "compilation failed: ERROR: <input>:1:15: expected type of field 'odd' is '' but provided type is 'int'\n | [JSONPatch{odd: 1}]\n | ..............^",
  ],
];

for (const [expression, results, why] of refused) {
  test(`${expression} – as ${results} – is refused for its type`, () => {
    const type = results === 'configuration' ? configurationType : operationsType;
    assert.equal(compileCondition(expression, environment, [type]).program, why);
  });
}
