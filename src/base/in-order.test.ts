import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inOrder } from './in-order.ts';

test('steps that need no promise are over on return', () => {
  const seen: number[] = [];
  assert.equal(
    inOrder([1, 2, 3], (step) => void seen.push(step)),
    undefined,
  );
  assert.deepEqual(seen, [1, 2, 3]);
});

test('a step waits for the one before it', async () => {
  const seen: string[] = [];
  const slow = async (step: number) => {
    seen.push(`begin ${step}`);
    await null;
    seen.push(`end ${step}`);
  };
  await inOrder([1, 2, 3], (step) => (step === 2 ? void seen.push('2') : slow(step)));
  assert.deepEqual(seen, ['begin 1', 'end 1', '2', 'begin 3', 'end 3']);
});

test('what a step throws, at once or later, keeps the others from running', async () => {
  const fail = () => {
    throw new Error('no');
  };
  const seen: number[] = [];
  assert.throws(() => inOrder([1, 2], fail), /no/);
  const late = inOrder([1, 2, 3], (step) => {
    seen.push(step);
    return step === 1 ? Promise.resolve() : fail();
  });
  await assert.rejects(Promise.resolve(late), /no/);
  assert.deepEqual(seen, [1, 2]);
});
