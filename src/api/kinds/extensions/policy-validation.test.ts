import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  MatchResources,
  MutatingAdmissionPolicyBindingSpec,
  ValidatingAdmissionPolicyBindingSpec,
  ValidatingAdmissionPolicySpec,
} from '../../generated/types.gen.ts';
import { type FieldError, fieldErrorMessage } from '../../validation/field-error.ts';
import {
  validateMutatingBinding,
  validateValidatingBinding,
  validateValidatingPolicy,
} from './policy-validation.ts';

const messages = (errors: FieldError[]) => errors.map(fieldErrorMessage);

const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };
const matchConstraints: MatchResources = {
  matchPolicy: 'Equivalent',
  namespaceSelector: {},
  objectSelector: {},
  resourceRules: [rule],
};
const validations = [{ expression: 'true' }];
const whole = { failurePolicy: 'Fail', matchConstraints, validations };

const policies: readonly [name: string, spec: ValidatingAdmissionPolicySpec, errors: readonly string[]][] = [
  ['complete', whole, []],
  [
    'empty',
    {},
    [
      'spec.failurePolicy: Required value',
      'spec.matchConstraints: Required value',
      'spec.validations: Required value: validations or auditAnnotations must contain at least one item',
      'spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item',
    ],
  ],
  [
    'an unknown failure policy',
    { ...whole, failurePolicy: 'Maybe' },
    ['spec.failurePolicy: Unsupported value: "Maybe": supported values: "Fail", "Ignore"'],
  ],
  [
    'no resource rules',
    { ...whole, matchConstraints: { ...matchConstraints, resourceRules: [] } },
    ['spec.matchConstraints.resourceRules: Required value'],
  ],
  [
    'a rule with wildcards beside others, and a name twice',
    {
      ...whole,
      matchConstraints: {
        ...matchConstraints,
        resourceRules: [{ ...rule, apiGroups: ['*', 'apps'], resourceNames: ['a', 'a', 'b/c'] }],
      },
    },
    [
      'spec.matchConstraints.resourceRules[0].resourceNames[1]: Duplicate value: "a"',
      'spec.matchConstraints.resourceRules[0].resourceNames[2]: Invalid value: "b/c": may not contain \'/\'',
      'spec.matchConstraints.resourceRules[0].apiGroups: Invalid value: ["*","apps"]: if \'*\' is present, must not specify other API groups',
    ],
  ],
  [
    'a paramKind without a version or a kind',
    { ...whole, paramKind: { apiVersion: 'a/b/c' } },
    [
      'spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
      'spec.paramKind.kind: Required value',
    ],
  ],
  [
    'a paramKind without a version behind its group',
    { ...whole, paramKind: { apiVersion: 'example.com/', kind: 'Limit' } },
    ['spec.paramKind.apiVersion: Invalid value: "example.com/": version must be specified'],
  ],
  [
    'a message of two lines, an empty one, and an unknown reason',
    {
      ...whole,
      validations: [
        { expression: 'true', message: 'a\nb' },
        { expression: 'true', message: '  ', messageExpression: ' ' },
        { expression: 'true', reason: 'NotFound' },
      ],
    },
    [
      'spec.validations[0].message: Invalid value: "a\\nb": must not contain line breaks',
      'spec.validations[1].messageExpression: Invalid value: " ": must be non-empty if specified',
      'spec.validations[1].message: Invalid value: "  ": must be non-empty if specified',
      'spec.validations[2].reason: Unsupported value: "NotFound": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
    ],
  ],
  [
    'variables with names that are none',
    {
      ...whole,
      variables: [
        { name: '', expression: '1' },
        { name: 'namespace', expression: '1' },
        { name: 'a', expression: ' ' },
      ],
    },
    [
      'spec.variables[0].name: Required value: name is not specified',
      'spec.variables[1].name: Invalid value: "namespace": must be a valid CEL identifier',
      'spec.variables[2].expression: Required value: expression is not specified',
    ],
  ],
  [
    'a match condition without a name, and one twice',
    {
      ...whole,
      matchConditions: [
        { name: '', expression: 'true' },
        { name: 'a', expression: 'true' },
        { name: 'a', expression: 'true' },
      ],
    },
    ['spec.matchConditions[0].name: Required value', 'spec.matchConditions[2].name: Duplicate value: "a"'],
  ],
  [
    'an audit annotation twice',
    {
      ...whole,
      auditAnnotations: [
        { key: 'k', valueExpression: "'v'" },
        { key: 'k', valueExpression: "'v'" },
      ],
    },
    ['spec.auditAnnotations[1].key: Duplicate value: "k"'],
  ],
];

for (const [name, spec, errors] of policies) {
  test(`a ValidatingAdmissionPolicy – ${name} – has the errors of upstream`, () => {
    assert.deepEqual(messages(validateValidatingPolicy({ metadata: { name: 'p' }, spec })), errors);
  });
}

const bindings: readonly [
  name: string,
  spec: Partial<ValidatingAdmissionPolicyBindingSpec>,
  errors: readonly string[],
][] = [
  ['complete', { policyName: 'p', validationActions: ['Deny', 'Audit'] }, []],
  [
    'empty',
    {},
    [
      'spec.policyName: Required value',
      'spec.validationActions: Required value: at least one validation action is required',
    ],
  ],
  [
    'Deny together with Warn',
    { policyName: 'p', validationActions: ['Deny', 'Warn'] },
    [
      'spec.validationActions: Invalid value: ["Deny","Warn"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
    ],
  ],
  [
    'an unknown action, and one twice',
    { policyName: 'p', validationActions: ['Log', 'Deny', 'Deny'] },
    [
      'spec.validationActions[0]: Unsupported value: "Log": supported values: "Audit", "Deny", "Warn"',
      'spec.validationActions[2]: Duplicate value: "Deny"',
    ],
  ],
  [
    'a paramRef with a name and a selector',
    {
      policyName: 'p',
      validationActions: ['Deny'],
      paramRef: { name: 'n', selector: {}, parameterNotFoundAction: 'Deny' },
    },
    [
      'spec.paramRef.name: Forbidden: name and selector are mutually exclusive',
      'spec.paramRef.selector: Forbidden: name and selector are mutually exclusive',
    ],
  ],
  [
    'a paramRef with neither',
    { policyName: 'p', validationActions: ['Deny'], paramRef: {} },
    [
      'spec.paramRef: Required value: one of name or selector must be specified',
      'spec.paramRef.parameterNotFoundAction: Required value',
    ],
  ],
];

for (const [name, spec, errors] of bindings) {
  test(`a ValidatingAdmissionPolicyBinding – ${name} – has the errors of upstream`, () => {
    assert.deepEqual(
      messages(validateValidatingBinding({ spec: spec as ValidatingAdmissionPolicyBindingSpec })),
      errors,
    );
  });
}

test('a MutatingAdmissionPolicyBinding – for what is deleted – is refused', () => {
  const spec: MutatingAdmissionPolicyBindingSpec = {
    policyName: 'p',
    matchResources: { ...matchConstraints, resourceRules: [{ ...rule, operations: ['DELETE'] }] },
  };
  assert.deepEqual(messages(validateMutatingBinding({ spec })), [
    'spec.matchResources.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
  ]);
});
