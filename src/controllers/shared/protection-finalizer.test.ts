import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pods } from '#api/generated/kinds.gen.ts';
import { longAgo, storedPod } from '#testing/objects.ts';
import { isMarked, mark, needsLook, unmark } from './protection-finalizer.ts';

const finalizer = 'example.com/protection';
const podWith = (finalizers?: string[], deletionTimestamp?: string) =>
  storedPod('p', {
    metadata: { ...(finalizers ? { finalizers } : {}), ...(deletionTimestamp ? { deletionTimestamp } : {}) },
  });

const rows: readonly [what: string, pod: ReturnType<typeof podWith>, needs: boolean][] = [
  ['living without the finalizer', podWith(), true],
  ['living with it', podWith([finalizer]), false],
  ['terminating with it', podWith([finalizer], longAgo), true],
  ['terminating with another finalizer', podWith(['other/f'], longAgo), false],
];

for (const [what, pod, needs] of rows) {
  test(`an object – ${what} – needs ${needs ? 'a look' : 'nothing'}`, () => {
    assert.equal(needsLook(pod, finalizer), needs);
  });
}

test('an object – marked and unmarked – keeps its other finalizers and is not changed itself', () => {
  const pod = podWith(['other/f']);
  const marked = mark(pods, pod, finalizer);
  assert.ok(marked.do === 'update');
  assert.deepEqual(marked.object.metadata?.finalizers, ['other/f', finalizer]);
  assert.equal(isMarked(pod, finalizer), false);
  const unmarked = unmark(pods, podWith(['other/f', finalizer]), finalizer);
  assert.ok(unmarked.do === 'update');
  assert.deepEqual(unmarked.object.metadata?.finalizers, ['other/f']);
});
