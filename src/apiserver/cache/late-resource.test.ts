/** A resource that joins the watch cache after its start, changes its selectable fields, and leaves. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { systemEnv } from '#host/system-env.ts';
import { openMemoryStore } from '#store/memory/store.ts';
import type { Store } from '#store/store.ts';
import { storeMethods } from '#testing/store/store-methods.ts';
import { encodeObject } from '#wire/json/canonical.ts';
import { ObjectCache } from './object-cache.ts';
import type { ResourceCache } from './resource-cache.ts';

const prefix = '/registry/example.com/widgets/';

async function start(t: TestContext, change?: (store: Store) => Partial<Store>) {
  const env = systemEnv();
  const store = openMemoryStore(env);
  const put = (name: string, labels: Record<string, string>) => {
    const value = encodeObject({ metadata: { name, namespace: 'a', labels } });
    return store.commit({ compare: [], ops: [{ type: 'put', key: `${prefix}a/${name}`, value }] });
  };
  await put('old', { size: 's' });
  const cache = new ObjectCache(env, { ...storeMethods(store), ...change?.(store) });
  await cache.start();
  t.after(async () => {
    cache.stop();
    await store.close();
  });
  return { env, store, cache, put };
}

const shown = (cache: ResourceCache) =>
  cache.index.list().map(({ name, labels }) => `${name}=${labels['size']}`);

test('a resource added while the cache runs – objects stored before and meanwhile – all are there, each once', async (t) => {
  let meanwhile: (() => Promise<unknown>) | undefined;
  const { cache, put, store } = await start(t, (real) => ({
    async range(...args) {
      const page = await real.range(...args);
      await meanwhile?.();
      return page;
    },
  }));
  const widgets = cache.add(prefix, true, () => ({}));
  meanwhile = async () => {
    await put('old', { size: 'm' });
    await put('new', { size: 'l' });
  };
  await cache.load(widgets);
  await cache.fresh();
  assert.deepEqual(shown(widgets), ['new=l', 'old=m']);
  await store.commit({ compare: [], ops: [{ type: 'delete', key: `${prefix}a/old` }] });
  await cache.fresh();
  assert.deepEqual(shown(widgets), ['new=l']);
});

test('a load – of a resource that cannot be read – fails, and succeeds when it is tried again', async (t) => {
  let isBroken = false;
  const { cache } = await start(t, (real) => ({
    range: (...args) => (isBroken ? Promise.reject(new Error('no answer')) : real.range(...args)),
  }));
  isBroken = true;
  const widgets = cache.add(prefix, true, () => ({}));
  await assert.rejects(cache.load(widgets), { message: 'no answer' });
  isBroken = false;
  await cache.load(widgets);
  assert.deepEqual(shown(widgets), ['old=s']);
});

test('the watchers of a resource – that is removed – end, also one that comes late', async (t) => {
  const { cache } = await start(t);
  const widgets = cache.add(prefix, true, () => ({}));
  await cache.load(widgets);
  const lost: string[] = [];
  const join = (key: string) => {
    const group = widgets.watchers.join({ key, matches: () => true });
    const member = { cursor: group.end, pump: () => group.hasLost(member) && lost.push(key) };
    group.members.add(member);
    return member;
  };
  join('early').pump();
  assert.deepEqual(lost, []);
  cache.remove(widgets);
  join('late').pump();
  assert.deepEqual(lost, ['early', 'late']);
  assert.deepEqual([...cache.caches()], []);
});

test('other selectable fields – of stored objects and of changes – are selected by the new ones', async (t) => {
  const { cache, put, env } = await start(t);
  const widgets = cache.add(prefix, true, () => ({ 'spec.old': 'x' }));
  await cache.load(widgets);
  const before = widgets.recentFrom;
  await put('new', {});
  await cache.fresh();
  await widgets.reselect((object) => ({ 'spec.name': `n-${object.metadata?.name}` }), env.clock);
  await put('newest', {});
  await cache.fresh();
  const fields = widgets.index.list().map((entry) => [entry.field('spec.name'), entry.name]);
  assert.deepEqual(fields, [
    ['n-new', 'new'],
    ['n-newest', 'newest'],
    ['n-old', 'old'],
  ]);
  assert.ok(widgets.recentFrom > before, 'older changes come from the history, with the new fields');
});
