import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedPod } from '#testing/objects.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { PodMeasures } from './pod-measures.ts';

const use = (bytes: number) => ({ emptyDirs: new Map([['v', { bytes, inodes: 1 }]]), logs: new Map() });

test('the storage of pods – asked for by many, and again within a minute – is walked through once', async () => {
  const clock = new VirtualClock();
  const walked: string[] = [];
  const uses = new PodMeasures(clock, async ({ metadata: { name } }) => {
    walked.push(name);
    return use(walked.length);
  });
  const pods = [storedPod('a'), storedPod('b')];
  await Promise.all([uses.of(pods), uses.of(pods)]);
  await clock.advance(59_000);
  const again = await uses.of([...pods, storedPod('c')]);
  assert.deepEqual(walked, ['a', 'b', 'c']);
  assert.deepEqual(again.get('a'), use(1));
  await clock.advance(2000);
  await uses.of(pods);
  assert.deepEqual(walked, ['a', 'b', 'c', 'a', 'b']);
});

test('a pod – whose storage cannot be measured – is left out, and is tried again', async () => {
  let isBroken = true;
  const uses = new PodMeasures(new VirtualClock(), async ({ metadata: { name } }) => {
    if (name === 'broken' && isBroken) throw new Error('no disk');
    return use(1);
  });
  const pods = [storedPod('broken'), storedPod('whole')];
  assert.deepEqual([...(await uses.of(pods)).keys()], ['whole']);
  isBroken = false;
  assert.deepEqual([...(await uses.of(pods)).keys()].sort(), ['broken', 'whole']);
});
