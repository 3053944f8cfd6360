import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkConditions } from './conditions.ts';
import { fieldErrorMessage } from './field-error.ts';

const met = { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z', reason: 'Met' };
const reasonText =
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')";
const typeText =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

const cases: readonly [what: string, conditions: object[], messages: string[]][] = [
  ['one that is met', [met], []],
  [
    'an empty one',
    [{}],
    [
      'conditions[0].type: Invalid value: "": name part must be non-empty',
      `conditions[0].type: Invalid value: "": ${typeText}`,
      'conditions[0].status: Unsupported value: "": supported values: "False", "True", "Unknown"',
      'conditions[0].lastTransitionTime: Required value',
      'conditions[0].reason: Required value',
    ],
  ],
  ['a type twice', [met, met], ['conditions[1].type: Duplicate value: "Ready"']],
  [
    'wrong and long texts',
    [
      { ...met, reason: 'Bad!', observedGeneration: -1 },
      { ...met, type: 'B', message: 'm'.repeat(32_769) },
    ],
    [
      'conditions[0].observedGeneration: Invalid value: -1: must be greater than or equal to zero',
      `conditions[0].reason: Invalid value: "Bad!": ${reasonText}`,
      'conditions[1].message: Too long: may not be more than 32768 bytes',
    ],
  ],
];

for (const [what, conditions, messages] of cases) {
  test(`conditions – ${what} – have upstream’s messages`, () => {
    const errors = checkConditions(conditions as Parameters<typeof checkConditions>[0], 'conditions');
    assert.deepEqual(
      errors.map((error) => fieldErrorMessage(error)),
      messages,
    );
  });
}
