/** Which disks two pods of a node cannot both have. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Volume } from '#api/generated/types.gen.ts';
import { storedPod } from '#testing/objects.ts';
import { conflicts, disksOf } from './disk-conflicts.ts';

type Source = Omit<Volume, 'name'>;
const gce = (pdName: string, readOnly?: boolean): Source => ({
  gcePersistentDisk: { pdName, ...(readOnly ? { readOnly } : {}) },
});
const ebs = (volumeID: string, readOnly = false): Source => ({
  awsElasticBlockStore: { volumeID, readOnly },
});
const rbd = (monitors: string[], image: string): Source => ({ rbd: { monitors, image, pool: 'p' } });

const rows: [string, Source, Source, boolean][] = [
  ['the same GCE disk', gce('a'), gce('a'), true],
  ['the same GCE disk, one reads', gce('a', true), gce('a'), true],
  ['the same GCE disk, both read', gce('a', true), gce('a', true), false],
  ['other GCE disks', gce('a'), gce('b'), false],
  ['the same EBS volume, both read', ebs('a', true), ebs('a', true), true],
  ['the same image, a monitor in common', rbd(['m', 'n'], 'a'), rbd(['n'], 'a'), true],
  ['the same image of other clusters', rbd(['m'], 'a'), rbd(['n'], 'a'), false],
  ['disks of other kinds', gce('a'), ebs('a'), false],
  ['a disk and a folder', gce('a'), { emptyDir: {} }, false],
];
for (const [title, a, b, expected] of rows) {
  test(`two pods – ${title} – conflict: ${expected}`, () => {
    const [first, second] = [a, b].map((source) =>
      storedPod('p', { spec: { volumes: [{ name: 'v', ...source }] } }),
    );
    assert.equal(conflicts(disksOf(first!), second!), expected);
  });
}
