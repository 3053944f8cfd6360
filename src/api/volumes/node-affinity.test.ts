import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedVolume } from '#testing/objects/volumes.ts';
import { hostsOf, reachesNode } from './node-affinity.ts';

const requiring = (term: object) =>
  storedVolume('v', { nodeAffinity: { required: { nodeSelectorTerms: [term] } } });
const here = { key: 'zone', operator: 'In', values: ['x'] };
const rows: [string, ReturnType<typeof storedVolume>, boolean][] = [
  ['without affinity', storedVolume('v'), true],
  ['in the zone of the node', requiring({ matchExpressions: [here] }), true],
  ['in another zone', requiring({ matchExpressions: [{ ...here, values: ['y'] }] }), false],
  [
    'by the name of the node',
    requiring({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n'] }] }),
    false,
  ],
];
for (const [title, volume, isReached] of rows) {
  test(`a volume ${title} – reached: ${isReached}`, () => {
    assert.equal(reachesNode(volume, { zone: 'x' }), isReached);
  });
}

const hosts: [string, ReturnType<typeof storedVolume>, readonly string[] | undefined][] = [
  ['without affinity', storedVolume('v'), undefined],
  ['of a zone', requiring({ matchExpressions: [here] }), undefined],
  [
    'of two hosts in a zone',
    requiring({
      matchExpressions: [here, { key: 'kubernetes.io/hostname', operator: 'In', values: ['a', 'b'] }],
    }),
    ['a', 'b'],
  ],
  [
    'of all hosts but one',
    requiring({ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'NotIn', values: ['a'] }] }),
    undefined,
  ],
];
for (const [title, volume, expected] of hosts) {
  test(`a volume ${title} – only on the hosts ${expected?.join() ?? 'that its affinity matches'}`, () => {
    assert.deepEqual(hostsOf(volume), expected);
  });
}
