import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { ResourceCache } from './resource-cache.ts';

const bytes = Buffer.from('{"metadata":{"name":"a","namespace":"ns"}}');

test('watchers and followers – a follower fails – the others get the change all the same', () => {
  const logged: string[] = [];
  const log = { ...silentLog, error: (message: string) => void logged.push(message) };
  const cache = new ResourceCache('/registry/configmaps/', true, () => ({}), 0, log);
  const fail = () => assert.fail('unreadable');
  cache.followers.add({ changed: fail, reloaded: fail });
  const seen: string[] = [];
  cache.followers.add({
    changed: (_, name) => void seen.push(name),
    reloaded: () => void seen.push('reloaded'),
  });
  cache.watchers.join({ key: '', matches: () => true }).members.add({ cursor: 0, pump() {} });
  assert.equal(cache.apply('/registry/configmaps/ns/a', bytes, 1), true);
  cache.beginStaging();
  cache.loadedAt(2);
  assert.deepEqual(seen, ['a', 'reloaded']);
  assert.deepEqual(logged, Array(2).fill('a follower of a resource failed'));
});
