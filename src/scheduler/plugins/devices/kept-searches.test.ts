/** Searches over several cycles: continued, or begun again with the time that they have had. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SelectorCache } from '#api/devices/selector.ts';
import { storedDeviceClaim } from '#testing/objects/devices.ts';
import { TestDevices } from '#testing/scheduling/devices.ts';
import { makePod } from '#testing/scheduling/objects.ts';
import { KeptSearches } from './kept-searches.ts';
import { NodeSearch } from './node-search.ts';

const pod = makePod({});
const claims = [storedDeviceClaim('c')];

function searchOf(spentMs: number): NodeSearch {
  const { slices, allocated } = new TestDevices().devices;
  const deviceClass = () => undefined;
  const parts = { slices, allocated, deviceClass, selectors: new SelectorCache(1), newShareId: () => '' };
  const time = { monotonicMs: () => 0, timeoutMs: 0, spentMs };
  return new NodeSearch(claims, { name: 'a', labels: {} }, parts, time);
}

test('kept searches – nothing has changed – go on', () => {
  const kept = new KeptSearches();
  const searches = kept.take(pod, 1, claims);
  kept.keep(pod, searches);
  assert.equal(kept.take(pod, 1, claims), searches);
});

for (const [title, revision, now] of [
  ['devices have changed', 2, claims],
  ['a claim has changed', 1, [storedDeviceClaim('c')]],
] as const) {
  test(`kept searches – ${title} – begin again, with the time that they have had`, () => {
    const kept = new KeptSearches();
    const searches = kept.take(pod, 1, claims);
    searches.byNode.set('a', searchOf(700));
    kept.keep(pod, searches);
    const again = kept.take(pod, revision, now);
    assert.deepEqual([again.byNode.size, [...again.spentMs]], [0, [['a', 700]]]);
  });
}

test('kept searches – taken and not kept again – are forgotten', () => {
  const kept = new KeptSearches();
  kept.keep(pod, kept.take(pod, 1, claims));
  const searches = kept.take(pod, 1, claims);
  assert.notEqual(kept.take(pod, 1, claims), searches);
});
