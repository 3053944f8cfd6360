import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type {
  MutatingAdmissionPolicySpec,
  ValidatingAdmissionPolicySpec,
  ValidatingWebhook,
} from '../../generated/types.gen.ts';
import { type FieldError, fieldErrorMessage } from '../../validation/field-error.ts';
import {
  validateMutatingPolicy,
  validateValidatingBinding,
  validateValidatingPolicy,
} from './policy-validation.ts';
import { validateWebhooks } from './webhook-validation.ts';

const some = <T>(count: number, itemAt: (i: number) => T) =>
  Array.from({ length: count }, (_, i) => itemAt(i));
const validating = (spec: ValidatingAdmissionPolicySpec) =>
  validateValidatingPolicy({ metadata: { name: 'p' }, spec });
const mutating = (spec: MutatingAdmissionPolicySpec) =>
  validateMutatingPolicy({ metadata: { name: 'p' }, spec });
const named = (count: number) => some(count, (i) => ({ name: `n${i}`, expression: 'true' }));

/** Each with an expression of four characters for each of `count`. */
const places: readonly [string, (count: number) => FieldError[]][] = [
  ['validations', (count) => validating({ validations: some(count, () => ({ expression: 'true' })) })],
  [
    'messages',
    (count) =>
      validating({ validations: some(count, () => ({ expression: '', messageExpression: "'ab'" })) }),
  ],
  ['variables', (count) => validating({ variables: named(count) })],
  ['match conditions', (count) => validating({ matchConditions: named(count) })],
  [
    'audit annotations',
    (count) =>
      validating({ auditAnnotations: some(count, (i) => ({ key: `k${i}`, valueExpression: "'ab'" })) }),
  ],
  [
    'mutations',
    (count) =>
      mutating({
        mutations: some(count, () => ({ patchType: 'JSONPatch', jsonPatch: { expression: '[]  ' } })),
      }),
  ],
  ['variables of mutations', (count) => mutating({ variables: named(count) })],
  [
    'match conditions of all webhooks of a configuration',
    (count) =>
      validateWebhooks(
        some(count / 10, (i) => ({ name: `w${i}.a.b`, matchConditions: named(10) }) as ValidatingWebhook),
      ),
  ],
];

describe('an object with too many expressions – wherever they are – is refused before they are compiled', () => {
  for (const [where, validate] of places) {
    test(where, () => {
      assert.throws(() => validate(2400), {
        name: 'LimitExceeded',
        message: 'more than 200000 characters of expressions, with 80 for each expression besides',
      });
      assert.doesNotThrow(() => validate(70));
    });
  }
});

test('a long expression – beyond the limit – is refused; within the limit it is compiled', () => {
  const validatingLength = (length: number) =>
    validating({ validations: [{ expression: `'${'a'.repeat(length)}' != ''` }] });
  assert.throws(() => validatingLength(200_000), { name: 'LimitExceeded' });
  assert.equal(
    validatingLength(90_000).some(({ field }) => field.startsWith('spec.validations[0]')),
    false,
  );
});

test('names of a policy, actions of a binding, versions of a webhook – very many with a doubled entry – are complained of once', () => {
  const names = [...some(100_000, (i) => `n${i}`), 'n7'];
  const rule = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] };
  const errors = [
    ...validating({ matchConstraints: { resourceRules: [{ ...rule, resourceNames: names }] } }),
    ...validateValidatingBinding({ spec: { policyName: 'p', validationActions: ['Deny', 'Audit', 'Deny'] } }),
    ...validateWebhooks([{ name: 'w.a.b', admissionReviewVersions: ['v1', ...names] } as ValidatingWebhook]),
  ];
  const doubled = errors.map(fieldErrorMessage).filter((message) => /[Dd]uplicate/.test(message));
  assert.deepEqual(doubled, [
    'spec.matchConstraints.resourceRules[0].resourceNames[100000]: Duplicate value: "n7"',
    'spec.validationActions[2]: Duplicate value: "Deny"',
    'webhooks[0].admissionReviewVersions[100001]: Invalid value: "n7": duplicate version',
  ]);
});
