import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerRestartRule } from '../generated/types.gen.ts';
import { restartAction } from './restart-rules.ts';

const rule = (action: string, operator: string, ...values: number[]): ContainerRestartRule => {
  return { action, exitCodes: { operator, values } };
};

const table: [what: string, rules: ContainerRestartRule[], exitCode: number, action: string | undefined][] = [
  ['no rules', [], 1, undefined],
  ['a listed code', [rule('Restart', 'In', 1, 42)], 42, 'Restart'],
  ['a code that is not listed', [rule('Restart', 'In', 42)], 1, undefined],
  ['all codes but the listed', [rule('RestartAllContainers', 'NotIn', 0)], 1, 'RestartAllContainers'],
  ['the one code that is excepted', [rule('RestartAllContainers', 'NotIn', 0)], 0, undefined],
  ['two rules', [rule('Restart', 'In', 1), rule('RestartAllContainers', 'In', 1)], 1, 'Restart'],
  [
    'a second rule',
    [rule('Restart', 'In', 2), rule('RestartAllContainers', 'In', 1)],
    1,
    'RestartAllContainers',
  ],
  ['a rule without codes', [{ action: 'Restart' }], 1, undefined],
];

for (const [what, restartPolicyRules, exitCode, action] of table) {
  test(`restart rules – ${what} – ${action ?? 'say nothing'}`, () => {
    assert.equal(restartAction({ restartPolicyRules }, exitCode), action);
  });
}
