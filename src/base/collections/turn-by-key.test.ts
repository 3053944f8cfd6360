import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TurnByKey } from './turn-by-key.ts';

test('work – of one key and of two – waits for its own key alone, also after a failure', async () => {
  const turns = new TurnByKey();
  const done: string[] = [];
  const first = Promise.withResolvers<void>();
  const failing = turns.run('a', async () => {
    await first.promise;
    done.push('a1');
    throw new Error('broken');
  });
  const next = turns.run('a', async () => done.push('a2'));
  await turns.run('b', async () => done.push('b1'));
  assert.deepEqual(done, ['b1']);
  first.resolve();
  await assert.rejects(failing, /broken/);
  await next;
  assert.deepEqual(done, ['b1', 'a1', 'a2']);
});
