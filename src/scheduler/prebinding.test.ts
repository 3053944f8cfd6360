import assert from 'node:assert/strict';
import test from 'node:test';
import { Prebinding } from './prebinding.ts';

test('a pod whose binding is prepared – is canceled – gives up its node with the reason', () => {
  const prebinding = new Prebinding();
  const signal = prebinding.begin('uid');
  assert.equal(prebinding.cancel('uid', 'preempted'), true);
  assert.equal(signal.aborted, true);
  assert.throws(() => prebinding.finish('uid'), { message: 'preempted' });
});

test('a pod whose binding is on its way, or that is unknown – cannot be canceled', () => {
  const prebinding = new Prebinding();
  prebinding.begin('uid');
  prebinding.finish('uid');
  assert.equal(prebinding.cancel('uid', 'preempted'), false);
  assert.equal(prebinding.cancel('other', 'preempted'), false);
});
