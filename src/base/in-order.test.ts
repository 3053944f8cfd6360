import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inOrder } from './in-order.ts';

test('inOrder – no step returns a promise – all have run on return', () => {
  const seen: number[] = [];
  assert.equal(
    inOrder([1, 2, 3], (step) => void seen.push(step)),
    undefined,
  );
  assert.deepEqual(seen, [1, 2, 3]);
});

test('inOrder – a step returns a promise – the next step waits for it', async () => {
  const seen: string[] = [];
  const slow = async (step: number) => {
    seen.push(`begin ${step}`);
    await null;
    seen.push(`end ${step}`);
  };
  await inOrder([1, 2, 3], (step) => (step === 2 ? void seen.push('2') : slow(step)));
  assert.deepEqual(seen, ['begin 1', 'end 1', '2', 'begin 3', 'end 3']);
});

test('inOrder – a step throws or rejects – later steps do not run', async () => {
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
