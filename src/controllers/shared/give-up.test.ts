/** The step fails with its reason. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { giveUp } from './give-up.ts';

test('a plan that gives up – its reason – is the failure', () => {
  assert.throws(() => giveUp.carryOut('no template', undefined as never, {}), new Error('no template'));
});
