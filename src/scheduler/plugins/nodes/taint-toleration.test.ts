/**
 * TaintToleration: which taints keep a pod off, how untolerated soft taints score, and which node changes
 * wake the pod.
 */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { Taint, Toleration } from '#api/generated/types.gen.ts';
import { makePod, type NodeShape } from '#testing/scheduling/objects.ts';
import { isHelpedBy, nodeEvent, rejectionsOf, scoresOf, type Verdict } from '#testing/scheduling/plugin.ts';
import { Rejection } from '../../framework.ts';
import { taintToleration } from './taint-toleration.ts';

const untolerated = new Rejection('TaintToleration', ['node(s) had untolerated taint(s)'], true);
const dedicated: Taint = { key: 'dedicated', value: 'user1', effect: 'NoSchedule' };
const evicting: Taint = { ...dedicated, effect: 'NoExecute' };
const soft: Taint = { ...dedicated, effect: 'PreferNoSchedule' };
const equal: Toleration = { key: 'dedicated', operator: 'Equal', value: 'user1', effect: 'NoSchedule' };
const node = (...taints: Taint[]): NodeShape => ({ name: 'a', taints });

const filtered: [string, Toleration[], Taint[], Verdict][] = [
  ['no toleration, no taint', [], [], ['fits']],
  ['no toleration, a NoSchedule taint', [], [dedicated], [untolerated]],
  ['no toleration, a NoExecute taint', [], [evicting], [untolerated]],
  ['no toleration, a PreferNoSchedule taint', [], [soft], ['fits']],
  ['key, value and effect are equal', [equal], [dedicated], ['fits']],
  ['no operator means Equal', [{ key: 'dedicated', value: 'user1' }], [dedicated], ['fits']],
  ['another value', [{ ...equal, value: 'user2' }], [dedicated], [untolerated]],
  ['another key', [{ ...equal, key: 'other' }], [dedicated], [untolerated]],
  ['another effect', [equal], [evicting], [untolerated]],
  ['an empty effect means every effect', [{ key: 'dedicated', value: 'user1' }], [evicting], ['fits']],
  ['Exists takes any value', [{ key: 'dedicated', operator: 'Exists' }], [dedicated], ['fits']],
  ['an empty key and Exists tolerate everything', [{ operator: 'Exists' }], [dedicated, evicting], ['fits']],
  ['one of two taints is tolerated', [equal], [dedicated, evicting], [untolerated]],
  ['both taints are tolerated', [equal, { ...equal, effect: 'NoExecute' }], [dedicated, evicting], ['fits']],
  [
    'Gt belongs to a disabled feature',
    [{ ...equal, operator: 'Gt', value: '1' }],
    [{ ...dedicated, value: '2' }],
    [untolerated],
  ],
];

for (const [title, tolerations, taints, expected] of filtered) {
  test(`filter – ${title}`, () => {
    assert.deepEqual(rejectionsOf(taintToleration, { tolerations }, { nodes: [node(...taints)] }), expected);
  });
}

const arm: Taint = { key: 'cpu-type', value: 'arm64', effect: 'PreferNoSchedule' };
const ssd: Taint = { key: 'disk-type', value: 'ssd', effect: 'PreferNoSchedule' };
const tolerating = ({ key, value, effect }: Taint): Toleration => ({
  key,
  operator: 'Equal',
  value: value!,
  effect,
});

const scored: [string, Toleration[], Taint[][], 'skipped' | number[]][] = [
  ['no soft taint anywhere', [], [[], [dedicated]], 'skipped'],
  ['no tolerations', [], [[], [arm]], [100, 0]],
  [
    'a tolerated and an untolerated taint',
    [tolerating(soft)],
    [[soft], [{ ...soft, value: 'user2' }]],
    [100, 0],
  ],
  ['any number of tolerated taints', [arm, ssd].map(tolerating), [[], [arm], [arm, ssd]], [100, 100, 100]],
  ['each untolerated taint costs', [tolerating(soft)], [[], [arm], [arm, ssd]], [100, 50, 0]],
  ['hard taints do not count', [], [[], [dedicated], [arm, ssd]], [100, 100, 0]],
  [
    'tolerations of NoSchedule do not count',
    [{ ...tolerating(arm), effect: 'NoSchedule' }],
    [[], [arm]],
    [100, 0],
  ],
  ['tolerations without effect count', [{ key: 'cpu-type', operator: 'Exists' }], [[ssd], [arm]], [0, 100]],
];

for (const [title, tolerations, taints, expected] of scored) {
  test(`score – ${title}`, () => {
    const nodes = taints.map((each, i) => ({ name: `n${i}`, taints: each }));
    assert.deepEqual(scoresOf(taintToleration, { tolerations }, { nodes }), expected);
  });
}

const hinted: [string, NodeShape, NodeShape | undefined, boolean][] = [
  ['an added node with an untolerated taint', node(evicting), undefined, false],
  ['an added node with a tolerated taint', node(dedicated), undefined, true],
  ['an added node with a soft taint', node(soft), undefined, true],
  ['an untolerated taint is removed', node(dedicated), node(dedicated, evicting), true],
  ['an untolerated taint stays', node(evicting), node(evicting, dedicated), false],
  ['tolerated before and after', node(dedicated), node(), false],
  ['an untolerated taint is added', node(evicting), node(), false],
];

for (const [title, now, old, expected] of hinted) {
  test(`hint – ${title} – ${expected ? 'wakes' : 'does not wake'} the pod`, () => {
    const event = nodeEvent(old ? 'Node/Taints' : 'Node/Add', now, old);
    assert.equal(isHelpedBy(taintToleration, makePod({ tolerations: [equal] }), event), expected);
  });
}
