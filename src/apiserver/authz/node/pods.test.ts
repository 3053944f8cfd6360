import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CachedObject, Follower, ObjectFeed } from '../../contract/stored-objects.ts';
import { FollowedNodePods } from './pods.ts';

const cachedPod = (name: string, node: string): CachedObject => ({
  namespace: 'team',
  name,
  fields: { 'spec.nodeName': node },
  object: () => ({ metadata: { name } }),
});

function start(...entries: CachedObject[]) {
  let follower: Follower | undefined;
  const feed: ObjectFeed = {
    entries: () => entries,
    follow: (_type, given) => {
      follower = given;
    },
  };
  const nodePods = new FollowedNodePods();
  nodePods.follow(feed);
  const on = (node: string) => [...nodePods.of(node)].map(({ metadata }) => metadata?.name);
  return { on, entries, follower: follower! };
}

test('pods – that are there at the start – are known by node', () => {
  const { on } = start(cachedPod('a', 'n1'), cachedPod('b', 'n2'), cachedPod('c', ''));
  assert.deepEqual([on('n1'), on('n2'), on('')], [['a'], ['b'], []]);
});

test('a pod – that is bound, deleted and created again – is followed', () => {
  const { on, follower } = start();
  follower.changed('team', 'a', cachedPod('a', ''));
  assert.deepEqual(on('n1'), []);
  follower.changed('team', 'a', cachedPod('a', 'n1'));
  assert.deepEqual(on('n1'), ['a']);
  follower.changed('team', 'a', undefined);
  assert.deepEqual(on('n1'), []);
  follower.changed('team', 'a', cachedPod('a', 'n2'));
  assert.deepEqual([on('n1'), on('n2')], [[], ['a']]);
});

test('pods – all are read again – only what is there is known', () => {
  const { on, entries, follower } = start(cachedPod('a', 'n1'), cachedPod('b', 'n1'));
  entries.splice(0, 1);
  follower.reloaded();
  assert.deepEqual(on('n1'), ['b']);
});
