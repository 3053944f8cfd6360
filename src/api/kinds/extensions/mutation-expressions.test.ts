import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MutatingAdmissionPolicySpec, Mutation } from '../../generated/types.gen.ts';
import { fieldErrorMessage } from '../../validation/field-error.ts';
import { validateMutatingPolicy } from './policy-validation.ts';

const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };
const apply = (expression: string): Mutation => ({
  patchType: 'ApplyConfiguration',
  applyConfiguration: { expression },
});
const patch = (expression: string): Mutation => ({ patchType: 'JSONPatch', jsonPatch: { expression } });
const whole: MutatingAdmissionPolicySpec = {
  failurePolicy: 'Fail',
  reinvocationPolicy: 'Never',
  matchConstraints: {
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    resourceRules: [rule],
  },
  mutations: [apply('Object{}'), patch('[JSONPatch{op: "add", path: "/a", value: Object.a{}}]')],
};
const mutating = (...mutations: Mutation[]): MutatingAdmissionPolicySpec => ({ ...whole, mutations });
const at = '<input>:1:';

const rows: readonly [name: string, spec: MutatingAdmissionPolicySpec, errors: readonly string[]][] = [
  ['complete', whole, []],
  [
    'empty',
    {},
    [
      'spec.failurePolicy: Required value',
      'spec.matchConstraints: Required value',
      'spec.mutations: Required value: mutations must contain at least one item',
      'spec.reinvocationPolicy: Required value',
    ],
  ],
  [
    'unknown choices, and a rule for what is deleted',
    {
      ...whole,
      reinvocationPolicy: 'Maybe',
      matchConstraints: { ...whole.matchConstraints!, resourceRules: [{ ...rule, operations: ['DELETE'] }] },
      mutations: [{ patchType: 'Merge' }],
    },
    [
      'spec.matchConstraints.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
      'spec.mutations[0].patchType: Unsupported value: "Merge": supported values: "ApplyConfiguration", "JSONPatch"',
      'spec.reinvocationPolicy: Unsupported value: "Maybe": supported values: "IfNeeded", "Never"',
    ],
  ],
  [
    'a mutation of the wrong form',
    mutating(
      { ...apply('Object{}'), patchType: 'JSONPatch' },
      { ...patch('[]'), patchType: 'ApplyConfiguration' },
      { patchType: '' },
      apply(' '),
    ),
    [
      'spec.mutations[0].jsonPatch: Required value: must be specified when patchType is JSONPatch',
      'spec.mutations[0].applyConfiguration: Invalid value: "{applyConfiguration}": must not be specified when patchType is JSONPatch',
      'spec.mutations[1].applyConfiguration: Required value: must be specified when patchType is ApplyConfiguration',
      'spec.mutations[1].jsonPatch: Invalid value: "{jsonPatch}": must not be specified when patchType is ApplyConfiguration',
      'spec.mutations[2].patchType: Required value',
      'spec.mutations[3].applyConfiguration.expression: Required value',
    ],
  ],
  [
    'expressions of other types',
    mutating(apply('{"a": 1}'), patch('Object{}')),
    [
      'spec.mutations[0].applyConfiguration.expression: Invalid value: "{\\"a\\": 1}": must evaluate to Object but got map(string, int)',
      'spec.mutations[1].jsonPatch.expression: Invalid value: "Object{}": must evaluate to list(JSONPatch) but got Object',
    ],
  ],
  [
    'an expression of a name that is not declared, and variables that know no Object',
    { ...mutating(apply(' odd ')), variables: [{ name: 'v', expression: 'Object{}' }] },
    [
      `spec.variables[0].expression: Invalid value: "Object{}": compilation failed: ERROR: ${at}7: undeclared reference to 'Object' (in container '')\n | Object{}\n | ......^`,
      `spec.mutations[0].applyConfiguration.expression: Invalid value: "odd": compilation failed: ERROR: ${at}1: undeclared reference to 'odd' (in container '')\n | odd\n | ^`,
    ],
  ],
  [
    'params in a policy without a kind of them',
    mutating(apply('Object{a: params.a}')),
    [
      `spec.mutations[0].applyConfiguration.expression: Invalid value: "Object{a: params.a}": compilation failed: ERROR: ${at}11: undeclared reference to 'params' (in container '')\n | Object{a: params.a}\n | ..........^`,
    ],
  ],
];

for (const [name, spec, errors] of rows) {
  test(`a MutatingAdmissionPolicy – ${name} – has these errors`, () => {
    assert.deepEqual(validateMutatingPolicy({ spec }).map(fieldErrorMessage), errors);
  });
}
