import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ValidatingAdmissionPolicySpec } from '../../generated/types.gen.ts';
import { checkExpressions } from './policy-expressions.ts';

const undeclared = (name: string, column = 1) =>
  `compilation failed: ERROR: <input>:1:${column}: undeclared reference to '${name}' (in container '')\n | ${name}\n | ${'.'.repeat(column - 1)}^`;

const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' };

const rows: readonly [name: string, spec: ValidatingAdmissionPolicySpec, errors: readonly string[]][] = [
  ['a validation that compiles', { validations: [{ expression: 'object.x == 1' }] }, []],
  [
    'a validation of a name that is not declared',
    { validations: [{ expression: 'true' }, { expression: 'x' }] },
    [`spec.validations[1].expression: ${undeclared('x')}`],
  ],
  [
    'a validation of another type',
    { validations: [{ expression: '1' }] },
    ['spec.validations[0].expression: must evaluate to bool but got int'],
  ],
  [
    'a message of another type',
    { validations: [{ expression: 'true', messageExpression: '1' }] },
    ['spec.validations[0].messageExpression: must evaluate to string but got int'],
  ],
  [
    'a message that asks the authorizer',
    { validations: [{ expression: 'authorizer != null', messageExpression: 'authorizer' }] },
    [`spec.validations[0].messageExpression: ${undeclared('authorizer')}`],
  ],
  [
    'a variable that uses an earlier one, and a validation that uses both',
    {
      variables: [
        { name: 'a', expression: '1' },
        { name: 'b', expression: 'variables.a + 1' },
      ],
      validations: [{ expression: 'variables.a < variables.b' }],
    },
    [],
  ],
  [
    'a variable that does not compile',
    { variables: [{ name: 'a', expression: 'x' }] },
    [`spec.variables[0].expression: ${undeclared('x')}`],
  ],
  ['params with a kind', { paramKind, validations: [{ expression: 'params.x == 1' }] }, []],
  [
    'params without a kind',
    { validations: [{ expression: 'params' }] },
    [`spec.validations[0].expression: ${undeclared('params')}`],
  ],
  [
    'an annotation of another type',
    { auditAnnotations: [{ key: 'k', valueExpression: '1' }] },
    ['spec.auditAnnotations[0].valueExpression: must evaluate to one of [string null_type] but got int'],
  ],
];

for (const [name, spec, errors] of rows) {
  test(`the expressions of a policy – ${name} – has the errors of upstream`, () => {
    assert.deepEqual(
      checkExpressions(spec, 'p').map(({ field, detail }) => `${field}: ${detail}`),
      errors,
    );
  });
}
