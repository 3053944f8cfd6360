import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedVolume } from '#testing/objects/volumes.ts';
import { storedPod } from '#testing/objects.ts';
import { isExclusive, refusalText } from './multi-attach.ts';

const exclusive: [modes: string[], isExclusive: boolean][] = [
  [['ReadWriteOnce'], true],
  [['ReadWriteOncePod'], true],
  [['ReadWriteOnce', 'ReadOnlyMany'], false],
  [['ReadWriteMany'], false],
  [[], false],
];
for (const [accessModes, expected] of exclusive) {
  test(`volume – ${accessModes.join() || 'no access mode'} – ${expected ? 'for one node' : 'for any'}`, () => {
    assert.equal(isExclusive(storedVolume('v', { accessModes })), expected);
  });
}

const pod = storedPod('p');
const near = [storedPod('a'), storedPod('b')];
const far = storedPod('c', { metadata: { namespace: 'other' } });
const texts: [title: string, users: (typeof far)[], text: string][] = [
  ['no pod', [], "Volume is already exclusively attached to one node and can't be attached to another"],
  ['pods of the namespace', near, 'Volume is already used by pod(s) a, b'],
  [
    'pods of both',
    [...near, far],
    'Volume is already used by pod(s) a, b and 1 pod(s) in different namespaces',
  ],
  ['pods of another namespace', [far], 'Volume is already used by 1 pod(s) in different namespaces'],
];
for (const [title, users, text] of texts) {
  test(`refusal – used by ${title} – names those of the namespace`, () => {
    assert.equal(refusalText('pv', pod, users), `Multi-Attach error for volume "pv" ${text}`);
  });
}
