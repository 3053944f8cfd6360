/** Cycles with extenders: what they are asked, what becomes of the nodes, and of extenders that fail or lie. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { readExtenders } from '#api/configuration/scheduler/extenders.ts';
import { silentLog } from '#base/log.ts';
import { makeNode, makePod, type PodShape, seeded } from '#testing/scheduling/objects.ts';
import { clusterOf } from '#testing/scheduling/plugin.ts';
import type { JsonObject } from '#wire/json/value.ts';
import { Algorithm } from '../cycle/algorithm.ts';
import { defaultPlugins } from '../plugins/list.ts';
import { extendedCycle } from './extended-cycle.ts';
import { Extender } from './extender.ts';

type Reply = (asked: JsonObject) => unknown;
type Replies = Readonly<Record<string, Reply>>;

const names = ['a', 'b', 'c'];

/** An extender of these fields, whose verbs are answered in the process. A reply that throws is a failed call. */
function extender(fields: JsonObject, replies: Replies): Extender {
  const section = { urlPrefix: 'http://x/', nodeCacheCapable: true, weight: 1, ...fields };
  const verbs = Object.fromEntries(Object.keys(replies).map((verb) => [`${verb}Verb`, verb]));
  const [settings] = readExtenders([{ ...section, ...verbs }]).extenders;
  return new Extender(settings!, async (_settings, url, body) => {
    const reply = replies[url.split('/').at(-1) ?? '']!(JSON.parse(body));
    if (typeof reply === 'number') return { status: reply, body: new Uint8Array() };
    return { status: 200, body: Buffer.from(JSON.stringify(reply)) };
  });
}

const failing = () => {
  throw new Error('Post "http://x/filter": EOF');
};

async function scheduled(extenders: Extender[], pod: PodShape = {}, placed: PodShape[] = []) {
  const { view } = clusterOf({ nodes: names.map((name) => ({ name })), pods: placed });
  const algorithm = new Algorithm({ plugins: defaultPlugins, random: seeded(1) });
  const result = await extendedCycle({ algorithm, extenders, log: silentLog }, makePod(pod), view);
  if (!('failure' in result)) return result.node.name;
  const { failure, nominatedNode, victims } = result;
  return {
    message: failure.message(),
    rejectedBy: [...failure.rejectedBy()],
    ...(nominatedNode ? { nominatedNode } : {}),
    ...(victims ? { victims: victims.map(({ uid }) => uid) } : {}),
  };
}

const only = (...passing: string[]) => extender({}, { filter: () => ({ NodeNames: passing }) });

test('filter – one node passes – it is taken', async () => {
  assert.equal(await scheduled([only('b')]), 'b');
});

test('filter – two extenders – the second is asked about what the first has left', async () => {
  const asked: unknown[] = [];
  const second = extender(
    {},
    {
      filter: ({ NodeNames, Nodes }) => {
        asked.push([NodeNames, Nodes]);
        return { NodeNames: ['c'] };
      },
    },
  );
  assert.equal(await scheduled([only('b', 'c'), second]), 'c');
  assert.deepEqual(asked, [[['b', 'c'], null]]);
});

test('filter – without a cache of nodes – is sent the nodes, and answers with nodes', async () => {
  const asked: string[] = [];
  const whole = extender(
    { nodeCacheCapable: false },
    {
      filter: ({ Nodes, NodeNames }) => {
        const { items } = Nodes as { items: { metadata: { name: string } }[] };
        asked.push(...items.map((node) => node.metadata.name), String(NodeNames));
        return { Nodes: { items: items.slice(0, 1) } };
      },
    },
  );
  assert.equal(await scheduled([whole]), asked[0]);
  assert.deepEqual(asked.toSorted(), ['a', 'b', 'c', 'null']);
});

test('filter – no node passes – its reasons are counted, and those of nodes that it does not know are not', async () => {
  const none = extender(
    {},
    {
      filter: () => ({
        NodeNames: [],
        FailedNodes: { a: 'no licence', b: 'no licence', z: 'no licence' },
        FailedAndUnresolvableNodes: { b: 'no disk', c: 'no disk' },
      }),
    },
  );
  assert.deepEqual(await scheduled([none]), {
    message:
      '0/3 nodes are available: 1 no licence, 2 no disk. no new claims to deallocate, ' +
      'preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, ' +
      '2 Preemption is not helpful for scheduling.',
    rejectedBy: ['Extender'],
  });
});

test('filter – nodes are dropped without a reason – the extender is what the pod waits for', async () => {
  const result = await scheduled([only()]);
  assert.ok(typeof result === 'object');
  assert.deepEqual(result.rejectedBy, ['Extender']);
});

const wrongFilters: [string, Reply, string][] = [
  ['cannot be reached', failing, 'Post "http://x/filter": EOF'],
  ['answers 500', () => 500, 'failed filter with extender at URL http://x/filter, code 500'],
  ['says that it failed', () => ({ Error: 'out of order' }), 'out of order'],
  [
    'names another node',
    () => ({ NodeNames: ['z'] }),
    'extender "http://x/" claims a filtered node "z" which is not found in the input node list',
  ],
];

for (const [title, filter, message] of wrongFilters) {
  test(`filter – an extender ${title} – the attempt fails, and goes on without an ignorable one`, async () => {
    await assert.rejects(scheduled([extender({}, { filter })]), { message });
    assert.equal(await scheduled([only('b'), extender({ ignorable: true }, { filter })]), 'b');
  });
}

test('prioritize – scores of two extenders – are weighted and added to those of the plugins', async () => {
  const scoring = (weight: number, scores: Record<string, number>) =>
    extender(
      { weight },
      {
        prioritize: () => Object.entries(scores).map(([Host, Score]) => ({ Host, Score })),
      },
    );
  assert.equal(await scheduled([scoring(1, { a: 10 }), scoring(3, { b: 5, z: 1_000 })]), 'b');
  assert.equal(await scheduled([scoring(1, { a: -5, b: -5 })]), 'c');
});

test('prioritize – an extender that fails – gives no scores', async () => {
  const first = extender({}, { prioritize: () => [{ Host: 'c', Score: 10 }] });
  assert.equal(await scheduled([first, extender({}, { prioritize: failing })]), 'c');
  assert.equal(await scheduled([first, extender({}, { prioritize: () => ({ a: 1 }) })]), 'c');
});

test('a node that is deleted while an extender is waited for – is not chosen', async () => {
  const { view } = clusterOf({ nodes: names.map((name) => ({ name })) });
  const deleting = extender(
    {},
    {
      filter: () => {
        view.removeNode('b');
        view.setNode(makeNode({ name: 'd' }));
        return { NodeNames: ['b', 'c'] };
      },
    },
  );
  const algorithm = new Algorithm({ plugins: defaultPlugins, random: seeded(1) });
  const parts = { algorithm, extenders: [deleting], log: silentLog };
  const result = await extendedCycle(parts, makePod({}), view);
  assert.ok(!('failure' in result));
  assert.equal(result.node.name, 'c');
});

const large: PodShape = { name: 'large', cpu: '3', priority: 10 };
const fillers = names.map((nodeName) => ({ name: `low-${nodeName}`, nodeName, cpu: '3', priority: 1 }));
const preempting = (fields: JsonObject, preempt: Reply) => extender(fields, { preempt });

test('preempt – an extender leaves one candidate – room is made there', async () => {
  const asked: unknown[] = [];
  const choosing = preempting({}, ({ NodeNameToMetaVictims, NodeNameToVictims }) => {
    asked.push(NodeNameToMetaVictims, NodeNameToVictims);
    return { NodeNameToMetaVictims: { c: { Pods: [{ UID: 'default/low-c' }] } } };
  });
  const result = await scheduled([choosing], large, fillers);
  assert.ok(typeof result === 'object');
  assert.deepEqual([result.nominatedNode, result.victims], ['c', ['default/low-c']]);
  const victims = (name: string) => ({ Pods: [{ UID: `default/low-${name}` }], NumPDBViolations: 0 });
  assert.deepEqual(asked, [{ a: victims('a'), b: victims('b'), c: victims('c') }, null]);
});

const wrongVictims: [string, Reply, string][] = [
  [
    'names a node that is not there',
    () => ({ NodeNameToMetaVictims: { z: null } }),
    'nodeinfo not found for node name "z"',
  ],
  [
    'names a pod of another node',
    () => ({ NodeNameToMetaVictims: { a: { Pods: [{ UID: 'default/low-b' }] } } }),
    'extender: http://x/ claims to preempt pod (UID: &{default/low-b}) on node: a, but the pod is not found on that node',
  ],
  [
    'names no pod',
    () => ({ NodeNameToMetaVictims: { a: null } }),
    'expected at least one victim pod on node "a"',
  ],
  ['leaves no candidate', () => ({}), 'no candidate node for preemption'],
];

for (const [title, preempt, message] of wrongVictims) {
  test(`preempt – an extender ${title} – no room is made`, async () => {
    const result = await scheduled([preempting({}, preempt)], large, fillers);
    assert.ok(typeof result === 'object');
    assert.equal(result.message, `0/3 nodes are available: 3 Insufficient cpu. ${message}`);
    assert.equal(result.nominatedNode, undefined);
  });
}

test('preempt – an ignorable extender that fails – room is made without it', async () => {
  const result = await scheduled([preempting({ ignorable: true }, failing)], large, fillers);
  assert.ok(typeof result === 'object' && result.nominatedNode !== undefined);
});
