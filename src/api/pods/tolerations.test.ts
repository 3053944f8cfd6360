/** Tolerations against taints, as upstream's Toleration.ToleratesTaint. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Taint, Toleration } from '../generated/types.gen.ts';
import { toleratesEffects, toleratesTaint } from './tolerations.ts';

const taint: Taint = { key: 'dedicated', value: 'db', effect: 'NoSchedule' };

const cases: [string, Toleration, boolean][] = [
  ['the same key, value and effect', { key: 'dedicated', value: 'db', effect: 'NoSchedule' }, true],
  ['no operator means Equal', { key: 'dedicated', value: 'web' }, false],
  ['Equal without a value', { key: 'dedicated', operator: 'Equal' }, false],
  ['Exists whatever the value', { key: 'dedicated', operator: 'Exists' }, true],
  ['Exists without a key', { operator: 'Exists' }, true],
  ['another effect', { operator: 'Exists', effect: 'NoExecute' }, false],
  ['another key', { key: 'gpu', operator: 'Exists' }, false],
  ['Gt, whose feature is off', { key: 'dedicated', operator: 'Gt', value: '1' }, false],
];

for (const [name, toleration, expected] of cases) {
  test(`toleration – ${name} – ${expected ? 'tolerates' : 'does not tolerate'}`, () => {
    assert.equal(toleratesTaint(toleration, taint), expected);
  });
}

test('tolerations – with effects given – only taints with these effects count', () => {
  assert.equal(toleratesEffects([], [taint], ['NoExecute']), true);
  assert.equal(toleratesEffects([], [taint], ['NoSchedule', 'NoExecute']), false);
  assert.equal(toleratesEffects([], undefined, ['NoSchedule']), true);
});
