import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyObject } from '#api/meta/object.ts';
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

test('labels and selectable fields – of objects in a row – are held once where they are the same', () => {
  const fieldsOf = ({ status }: AnyObject) => ({ phase: String(status) });
  const cache = new ResourceCache('/registry/pods/', true, fieldsOf, 0, silentLog);
  const made = (name: string, app: string, status: string) => {
    const pod = { metadata: { name, namespace: 'ns', labels: { app } }, status };
    cache.apply(`/registry/pods/ns/${name}`, Buffer.from(JSON.stringify(pod)), 1);
    return cache.index.get('ns', name)!;
  };
  const [a, b, c] = [made('a', 'web', 'Pending'), made('b', 'web', 'Pending'), made('c', 'web', 'Running')];
  assert.deepEqual([b.labels === a.labels, b.fields === a.fields], [true, true]);
  assert.deepEqual([c.labels === a.labels, c.fields], [true, { phase: 'Running' }]);
  assert.deepEqual(made('d', 'db', 'Running').labels, { app: 'db' });
});

test('changes – a create, an update, a delete, a load – each gives another number; what changes nothing does not', () => {
  const cache = new ResourceCache('/registry/configmaps/', true, () => ({}), 0, silentLog);
  const key = '/registry/configmaps/ns/a';
  const seen = [cache.changes];
  const note = () => seen.push(cache.changes);
  for (const [value, revision] of [
    [bytes, 1],
    [bytes, 2],
    [undefined, 3],
  ] as const) {
    cache.apply(key, value, revision);
    note();
  }
  cache.beginStaging();
  cache.loadedAt(3);
  note();
  assert.equal(new Set(seen).size, 5);
  cache.apply(key, undefined, 4);
  assert.equal(cache.changes, seen.at(-1));
});
