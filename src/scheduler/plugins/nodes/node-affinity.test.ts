/**
 * NodeAffinity: node selectors and required terms, the nodes that terms name, preferred terms, and what wakes
 * a pod.
 */

import assert from 'node:assert/strict';
import test from 'node:test';
import { usualPluginArguments } from '#api/configuration/scheduler/plugin-arguments.ts';
import type {
  NodeAffinity,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PreferredSchedulingTerm,
} from '#api/generated/types.gen.ts';
import { makePod, type NodeShape, type PodShape } from '#testing/scheduling/objects.ts';
import {
  clusterOf,
  isHelpedBy,
  nodeEvent,
  rejectionsOf,
  scoresOf,
  type Verdict,
} from '#testing/scheduling/plugin.ts';
import { Rejection } from '../../framework.ts';
import { nodeAffinity } from './node-affinity.ts';

const plugin = nodeAffinity(usualPluginArguments.nodeAffinity);

const mismatch = new Rejection('NodeAffinity', ["node(s) didn't match Pod's node affinity/selector"], true);
const conflict = new Rejection('NodeAffinity', ['pod affinity terms conflict'], true);

const label = (key: string, operator: string, ...values: string[]): NodeSelectorRequirement =>
  operator.endsWith('Exist') || operator === 'Exists' ? { key, operator } : { key, operator, values };
const named = (...values: string[]): NodeSelectorRequirement => ({
  key: 'metadata.name',
  operator: 'In',
  values,
});
const requiring = (...nodeSelectorTerms: NodeSelectorTerm[]): PodShape => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
});
const expressions = (...matchExpressions: NodeSelectorRequirement[]): NodeSelectorTerm => ({
  matchExpressions,
});
const fields = (...matchFields: NodeSelectorRequirement[]): NodeSelectorTerm => ({ matchFields });

const foo = { foo: 'bar' };
const filtered: [string, PodShape, Record<string, string>, Verdict][] = [
  ['no selector and no affinity', {}, foo, 'skipped'],
  ['an affinity without terms of nodes', { affinity: { nodeAffinity: {} } }, foo, 'skipped'],
  ['the selected label is missing', { nodeSelector: foo }, {}, [mismatch]],
  ['the selected label is there', { nodeSelector: foo }, foo, ['fits']],
  ['the node has more labels', { nodeSelector: foo }, { ...foo, baz: 'blah' }, ['fits']],
  ['the node has fewer labels', { nodeSelector: { ...foo, baz: 'blah' } }, foo, [mismatch]],
  ['In with the value', requiring(expressions(label('foo', 'In', 'bar', 'value2'))), foo, ['fits']],
  ['In without the value', requiring(expressions(label('foo', 'In', 'value2'))), foo, [mismatch]],
  ['Gt of a smaller number', requiring(expressions(label('v', 'Gt', '0204'))), { v: '0206' }, ['fits']],
  ['Gt of a larger number', requiring(expressions(label('v', 'Gt', '0208'))), { v: '0206' }, [mismatch]],
  ['NotIn of other values', requiring(expressions(label('mem', 'NotIn', '100'))), { mem: '1' }, ['fits']],
  ['Exists', requiring(expressions(label('GPU', 'Exists'))), { GPU: 'NVIDIA' }, ['fits']],
  ['DoesNotExist', requiring(expressions(label('GPU', 'DoesNotExist'))), { GPU: 'NVIDIA' }, [mismatch]],
  ['no term matches anything', requiring(), foo, [mismatch]],
  ['an empty term matches nothing', requiring({}), foo, [mismatch]],
  ['a term without expressions matches nothing', requiring(expressions()), foo, [mismatch]],
  [
    'all expressions of a term hold',
    requiring(expressions(label('GPU', 'Exists'), label('GPU', 'NotIn', 'AMD'))),
    { GPU: 'NVIDIA' },
    ['fits'],
  ],
  [
    'one expression of a term does not hold',
    requiring(expressions(label('GPU', 'Exists'), label('GPU', 'In', 'AMD'))),
    { GPU: 'NVIDIA' },
    [mismatch],
  ],
  [
    'one of two terms holds',
    requiring(expressions(label('foo', 'In', 'bar')), expressions(label('diff', 'In', 'x'))),
    foo,
    ['fits'],
  ],
  [
    'affinity and selector hold',
    { ...requiring(expressions(label('foo', 'Exists'))), nodeSelector: foo },
    foo,
    ['fits'],
  ],
  [
    'affinity holds, the selector does not',
    { ...requiring(expressions(label('foo', 'Exists'))), nodeSelector: { foo: 'other' } },
    foo,
    [mismatch],
  ],
  ['the node is named', requiring(fields(named('a'))), {}, ['fits']],
  ['another node is named', requiring(fields(named('z'))), {}, [mismatch]],
  [
    'a term names another node, a term holds',
    requiring(fields(named('z')), expressions(label('foo', 'In', 'bar'))),
    foo,
    ['fits'],
  ],
  [
    'a term names another node and its label holds',
    requiring({ ...fields(named('z')), ...expressions(label('foo', 'In', 'bar')) }),
    foo,
    [mismatch],
  ],
  [
    'a term names the node and its label holds',
    requiring({ ...fields(named('a')), ...expressions(label('foo', 'In', 'bar')) }),
    foo,
    ['fits'],
  ],
  ['a term names two different nodes', requiring(fields(named('a'), named('b'))), {}, conflict],
];

for (const [title, pod, labels, expected] of filtered) {
  test(`filter – ${title}`, () => {
    assert.deepEqual(rejectionsOf(plugin, pod, { nodes: [{ name: 'a', labels }] }), expected);
  });
}

const narrowed: [string, PodShape, string[] | undefined][] = [
  ['two terms name a node each', requiring(fields(named('a')), fields(named('b'))), ['a', 'b']],
  ['a term names a node twice', requiring(fields(named('a', 'b'), named('b', 'c'))), ['b']],
  ['one term names no node', requiring(fields(named('a')), expressions(label('foo', 'Exists'))), undefined],
  ['terms name no nodes', requiring(expressions(label('foo', 'Exists'))), undefined],
  ['NotIn names no nodes', requiring(fields({ ...named('a'), operator: 'NotIn' })), undefined],
];

for (const [title, pod, expected] of narrowed) {
  test(`preFilter – ${title} – examines ${expected?.join(' and ') ?? 'every node'}`, () => {
    const filtering = plugin.preFilter?.(makePod(pod), clusterOf({ nodes: [] }).view);
    assert.ok(filtering && !(filtering instanceof Rejection));
    assert.deepEqual(filtering.nodeNames && [...filtering.nodeNames].sort(), expected);
  });
}

const preferring = (...terms: [number, NodeSelectorTerm][]): PodShape => ({
  affinity: {
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: terms.map(
        ([weight, preference]): PreferredSchedulingTerm => ({ weight, preference }),
      ),
    },
  },
});
const inFoo: [number, NodeSelectorTerm] = [2, expressions(label('foo', 'In', 'bar'))];
const inKey: [number, NodeSelectorTerm] = [4, expressions(label('key', 'In', 'value'))];
const inAll: [number, NodeSelectorTerm] = [
  5,
  expressions(label('foo', 'In', 'bar'), label('key', 'In', 'value'), label('az', 'In', 'az1')),
];

const scored: [string, PodShape, Record<string, string>[], 'skipped' | number[]][] = [
  ['no affinity', {}, [foo, {}], 'skipped'],
  ['no node matches', preferring(inFoo), [{}, { foo: 'other' }], [0, 0]],
  ['one node matches', preferring(inFoo), [foo, { key: 'value' }, { az: 'az1' }], [100, 0, 0]],
  [
    'nodes match terms of different weights',
    preferring(inFoo, inKey, inAll),
    [foo, { foo: 'bar', key: 'value', az: 'az1' }, { key: 'value' }],
    [18, 100, 36],
  ],
  ['a term without weight', preferring([0, inFoo[1]]), [foo, {}], [0, 0]],
  ['an empty term', preferring([5, {}]), [foo, {}], [0, 0]],
];

for (const [title, pod, byNode, expected] of scored) {
  test(`score – ${title}`, () => {
    const nodes = byNode.map((labels, i) => ({ name: `n${i}`, labels }));
    assert.deepEqual(scoresOf(plugin, pod, { nodes }), expected);
  });
}

const matching: NodeShape = { name: 'a', labels: foo };
const other: NodeShape = { name: 'a', labels: { foo: 'other' } };
const hinted: [string, NodeShape, NodeShape | undefined, boolean][] = [
  ['a node that does not match is added', other, undefined, false],
  ['a node that matches is added', matching, undefined, true],
  ['a node comes to match', matching, other, true],
  ['a node stops matching', other, matching, false],
  ['a node matched before', { ...matching, labels: { ...foo, more: '' } }, matching, false],
  ['a node did and does not match', { ...other, labels: {} }, other, false],
];

for (const [title, now, old, expected] of hinted) {
  test(`hint – ${title} – ${expected ? 'wakes' : 'does not wake'} the pod`, () => {
    const event = nodeEvent(old ? 'Node/Labels' : 'Node/Add', now, old);
    const pod = makePod(requiring(expressions(label('foo', 'In', 'bar'))));
    assert.equal(isHelpedBy(plugin, pod, event), expected);
  });
}

const admitting: NodeAffinity = {
  requiredDuringSchedulingIgnoredDuringExecution: {
    nodeSelectorTerms: [expressions(label('pool', 'In', 'batch'))],
  },
  preferredDuringSchedulingIgnoredDuringExecution: [
    { weight: 3, preference: expressions(label('fast', 'Exists')) },
    { weight: 0, preference: expressions(label('foo', 'Exists')) },
  ],
};
const withAdded = nodeAffinity({ addedAffinity: admitting });
const enforced = new Rejection(
  'NodeAffinity',
  ["node(s) didn't match scheduler-enforced node affinity"],
  true,
);
const admitted: [string, PodShape, Record<string, string>, Verdict][] = [
  ['a pod without constraints, another pool', {}, foo, [enforced]],
  ['a pod without constraints, the pool', {}, { pool: 'batch' }, ['fits']],
  ['a pod whose own selector fails in the pool', { nodeSelector: foo }, { pool: 'batch' }, [mismatch]],
  ['a pod whose own selector holds elsewhere', { nodeSelector: foo }, foo, [enforced]],
  ['a pod whose own selector holds in the pool', { nodeSelector: foo }, { ...foo, pool: 'batch' }, ['fits']],
];

for (const [title, pod, labels, expected] of admitted) {
  test(`filter – added affinity – ${title}`, () => {
    assert.deepEqual(rejectionsOf(withAdded, pod, { nodes: [{ name: 'a', labels }] }), expected);
  });
}

test('score – added affinity – counts beside the own preference of a pod', () => {
  const labelSets: Record<string, string>[] = [
    { fast: '', foo: '' },
    { foo: 'bar' },
    { fast: '', foo: 'bar' },
  ];
  const nodes = labelSets.map((labels, i) => ({ name: `n${i}`, labels }));
  const pod = preferring([1, expressions(label('foo', 'In', 'bar'))]);
  assert.deepEqual(scoresOf(withAdded, pod, { nodes }), [75, 25, 100]);
  assert.deepEqual(scoresOf(withAdded, {}, { nodes }), [100, 0, 100]);
});

test('hint – added affinity – a node that joins the pool wakes the pod, one that leaves it does not', () => {
  const inPool = { name: 'a', labels: { pool: 'batch' } };
  const outside = { name: 'a', labels: { pool: 'web' } };
  const wakes = (now: NodeShape, old: NodeShape) =>
    isHelpedBy(withAdded, makePod({}), nodeEvent('Node/Labels', now, old));
  assert.deepEqual([wakes(inPool, outside), wakes(outside, inPool)], [true, false]);
});
