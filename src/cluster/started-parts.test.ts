import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StartedParts } from './started-parts.ts';

test('parts – one fails to stop – all stop in reverse order, once', async () => {
  const parts = new StartedParts();
  const stopped: string[] = [];
  parts.add('one', () => stopped.push('one'));
  parts.add('two', () => {
    throw new Error('stuck');
  });
  parts.add('three', () => stopped.push('three'));
  await assert.rejects(parts.stop(), /two did not stop cleanly/);
  await parts.stop();
  assert.deepEqual(stopped, ['three', 'one']);
});
