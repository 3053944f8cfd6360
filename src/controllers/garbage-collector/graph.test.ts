/** Objects are created, changed and deleted; the transcript shows what the collector is called for. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { pods, replicaSets } from '#api/generated/kinds.gen.ts';
import type { KubeObject, OwnerReference, Stored } from '#api/meta/object.ts';
import { judge, judgeAwaiting } from './decide.ts';
import { GarbageGraph, type GraphNode } from './graph.ts';

function object(uid: string, owners: string[] = [], more: object = {}): Stored<KubeObject> {
  const ownerReferences = owners.map((owner) => reference(owner));
  const at = { namespace: 'd', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
  return { metadata: { name: uid, uid, ...at, ownerReferences, ...more } };
}

function reference(uid: string, blockOwnerDeletion = true): OwnerReference {
  return { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: uid, uid, blockOwnerDeletion };
}

const deletedInForeground = { deletionTimestamp: 'now', finalizers: ['foregroundDeletion'] };

function recorded() {
  const calls: string[] = [];
  const graph = new GarbageGraph({
    lookAt: (uid) => calls.push(`look at ${uid}`),
    orphan: (uid) => calls.push(`orphan ${uid}`),
    ownerElsewhere: (dependent, { uid }) => calls.push(`${dependent.uid}: ${uid} is elsewhere`),
  });
  const since = () => calls.splice(0);
  return { graph, since };
}

test('an owner – absent, or removed – its dependents are looked at', () => {
  const { graph, since } = recorded();
  graph.put(pods, object('pod', ['rs']));
  assert.deepEqual(since(), ['look at pod']);
  graph.put(replicaSets, object('rs'));
  assert.deepEqual(since(), []);
  graph.put(pods, object('other', ['rs']));
  assert.deepEqual(since(), []);
  graph.remove('rs');
  assert.deepEqual(since(), ['look at pod', 'look at other']);
});

test('foreground deletion – dependents are looked at first, the owner when the last one is removed', () => {
  const { graph, since } = recorded();
  graph.put(replicaSets, object('rs'));
  graph.put(pods, object('pod', ['rs']));
  graph.put(replicaSets, object('rs', [], deletedInForeground));
  assert.deepEqual(since(), ['look at pod', 'look at rs']);
  assert.deepEqual(judgeAwaiting(graph.node('rs')!, graph.dependents('rs')), { do: 'lookAt', uids: ['pod'] });
  graph.remove('pod');
  assert.deepEqual(since(), ['look at rs']);
  assert.deepEqual(judgeAwaiting(graph.node('rs')!, graph.dependents('rs')), { do: 'release' });
});

test('orphaning, and owners in other namespaces – reported', () => {
  const { graph, since } = recorded();
  graph.put(replicaSets, object('rs', [], { deletionTimestamp: 'now', finalizers: ['orphan'] }));
  assert.deepEqual(since(), ['orphan rs']);
  graph.put(replicaSets, object('far', [], { namespace: 'elsewhere' }));
  graph.put(pods, object('pod', ['far']));
  assert.deepEqual(since(), ['pod: far is elsewhere', 'look at pod']);
});

test('an object – its owners and dependents – what becomes of it', () => {
  const none = { solid: [], dangling: [], waiting: [] };
  const below = { awaitsDependents: false } as GraphNode;
  const circular = { awaitsDependents: true } as GraphNode;
  const [a, b] = [reference('a'), reference('b')];
  assert.deepEqual(judge({ ...none, solid: [a] }, []), { do: 'keep' });
  assert.deepEqual(judge({ ...none, solid: [a], dangling: [b] }, []), {
    do: 'dropOwners',
    uids: new Set(['b']),
  });
  assert.deepEqual(judge({ ...none, dangling: [a] }, [below]), {
    do: 'delete',
    policy: 'Inherit',
    unblock: false,
  });
  assert.deepEqual(judge({ ...none, waiting: [a] }, []), { do: 'delete', policy: 'Inherit', unblock: false });
  assert.deepEqual(judge({ ...none, waiting: [a] }, [below]), {
    do: 'delete',
    policy: 'Foreground',
    unblock: false,
  });
  assert.deepEqual(judge({ ...none, waiting: [a] }, [circular]), {
    do: 'delete',
    policy: 'Foreground',
    unblock: true,
  });
});
