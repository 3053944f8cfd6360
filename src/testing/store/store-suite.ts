/**
 * The contract of every store, as one suite: the memory and the sqlite store pass it, and a real etcd has to.
 *
 * The test has the store to itself while it runs, but it need not be new: no test relies on the number of a
 * revision.
 */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CompactedError, FutureRevisionError, StoreClosedError } from '#store/errors.ts';
import { type KeyValue, prefixRange, type Store, type TxnResult, type WatchEvent } from '#store/store.ts';

export interface OpenedStore {
  readonly store: Store;
  /** Closes the store and removes its files. */
  dispose(): Promise<void>;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (kv: KeyValue | undefined) => kv && new TextDecoder().decode(kv.value);
const all = prefixRange('/t/');

export function put(store: Store, key: string, value: string, modRevision?: number): Promise<TxnResult> {
  const compare = modRevision === undefined ? [] : [{ key, modRevision }];
  return store.commit({ compare, ops: [{ type: 'put', key, value: bytes(value) }] });
}

export function remove(store: Store, key: string): Promise<TxnResult> {
  return store.commit({ compare: [], ops: [{ type: 'delete', key }] });
}

/** Collects a watch's events; `until` resolves once `count` have arrived. */
export class Recorder {
  readonly events: WatchEvent[] = [];
  readonly revisions: number[] = [];
  error: Error | undefined;
  #waiters: (() => void)[] = [];

  onEvents(events: readonly WatchEvent[], revision: number): void {
    this.events.push(...events);
    this.revisions.push(revision);
    for (const wake of this.#waiters.splice(0)) wake();
  }

  onError(error: Error): void {
    this.error = error;
    for (const wake of this.#waiters.splice(0)) wake();
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  lines(): string[] {
    return this.events.map((e) => `${e.type} ${e.key} ${text(e.current) ?? ''}<${text(e.previous) ?? ''}`);
  }
}

export function storeSuite(name: string, open: () => Promise<OpenedStore>): void {
  const it = (title: string, body: (store: Store) => Promise<void>) =>
    test(title, { timeout: 30_000 }, async () => {
      const opened = await open();
      try {
        await body(opened.store);
      } finally {
        await opened.dispose();
      }
    });

  describe(`${name}: transactions`, () => transactions(it));
  describe(`${name}: ranges`, () => ranges(it));
  describe(`${name}: watches`, () => watches(it));
  describe(`${name}: compaction`, () => compaction(it));
}

type It = (title: string, body: (store: Store) => Promise<void>) => void;

/** What a store within this process guarantees besides. */
export function localStoreSuite(name: string, open: () => Promise<OpenedStore>): void {
  storeSuite(name, open);
  test(`${name}: a live watcher – has a change before its writer is answered`, async () => {
    const { store, dispose } = await open();
    const recorder = watchFrom(store, (await store.newestRevision()) + 1);
    for (let i = 1; i <= 20; i++) {
      await Promise.all([put(store, '/t/a', String(i)), put(store, '/elsewhere', 'x')]);
      assert.equal(recorder.events.length, i);
    }
    await dispose();
  });
}

function transactions(it: It): void {
  it('a key – created, changed, deleted, created again – has its revisions and version, which start over', async (store) => {
    const first = await put(store, '/t/a', '1');
    const second = await put(store, '/t/a', '2');
    const kv = await store.get('/t/a');
    assert.equal(text(kv), '2');
    assert.deepEqual(
      [kv!.createRevision, kv!.modRevision, kv!.version],
      [first.revision, second.revision, 2],
    );
    await remove(store, '/t/a');
    assert.equal(await store.get('/t/a'), undefined);
    const reborn = await put(store, '/t/a', '3');
    const again = await store.get('/t/a');
    assert.deepEqual([again!.createRevision, again!.version], [reborn.revision, 1]);
  });

  it('a transaction – one compare fails – writes nothing and returns the current values', async (store) => {
    const { revision } = await put(store, '/t/a', '1');
    const result = await store.commit({
      compare: [
        { key: '/t/a', modRevision: revision },
        { key: '/t/b', modRevision: 7 },
      ],
      ops: [{ type: 'put', key: '/t/c', value: bytes('x') }],
    });
    assert.ok(!result.succeeded);
    assert.deepEqual(result.current.map(text), ['1', undefined]);
    assert.equal(await store.get('/t/c'), undefined);
    assert.equal((await put(store, '/t/a', '2', 0)).succeeded, false);
    assert.equal((await put(store, '/t/b', '2', 0)).succeeded, true);
  });

  it('a transaction – any number of changes – is one revision; without changes none', async (store) => {
    const before = await store.commit({
      compare: [],
      ops: [
        { type: 'put', key: '/t/a', value: bytes('1') },
        { type: 'put', key: '/t/b', value: bytes('2') },
      ],
    });
    const { items } = await store.range(all);
    assert.deepEqual(
      items.map((kv) => kv.modRevision),
      [before.revision, before.revision],
    );
    const nothing = await remove(store, '/t/none');
    assert.deepEqual(nothing, { succeeded: true, revision: before.revision });
    assert.equal(await store.newestRevision(), before.revision);
  });

  it('many writers – compare the same revision – one wins', async (store) => {
    const { revision } = await put(store, '/t/a', 'start');
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) => put(store, '/t/a', `writer ${i}`, revision)),
    );
    const winners = results.filter((result) => result.succeeded);
    assert.equal(winners.length, 1);
    const kv = await store.get('/t/a');
    assert.equal(kv!.modRevision, winners[0]!.revision);
    for (const result of results) {
      if (!result.succeeded) assert.equal(result.current[0]!.modRevision, kv!.modRevision);
    }
  });

  it('counters – incremented by concurrent writers with retries – lose nothing', async (store) => {
    await put(store, '/t/n', '0');
    const increment = async () => {
      for (;;) {
        const kv = (await store.get('/t/n'))!;
        if ((await put(store, '/t/n', String(Number(text(kv)) + 1), kv.modRevision)).succeeded) return;
      }
    };
    await Promise.all(
      Array.from({ length: 10 }, async () => {
        for (let i = 0; i < 5; i++) await increment();
      }),
    );
    assert.equal(text(await store.get('/t/n')), '50');
  });

  it('an acknowledged write – is in every later read', async (store) => {
    for (let i = 0; i < 20; i++) {
      const { revision } = await put(store, `/t/${i}`, 'x');
      assert.ok((await store.newestRevision()) >= revision);
      assert.equal((await store.range(all)).count, i + 1);
    }
  });

  it('empty and large values, names in any script – are read as written', async (store) => {
    const large = new Uint8Array(1_000_000).map((_, i) => i % 251);
    await store.commit({ compare: [], ops: [{ type: 'put', key: '/t/large', value: large }] });
    await put(store, '/t/empty', '');
    await put(store, '/t/Ελλάδα 🚢', 'ship');
    assert.deepEqual(new Uint8Array((await store.get('/t/large'))!.value), large);
    assert.equal((await store.get('/t/empty'))!.value.length, 0);
    assert.equal(text(await store.get('/t/Ελλάδα 🚢')), 'ship');
  });

  it('after close – requests are rejected and watches end', async (store) => {
    const recorder = new Recorder();
    store.watch(all, (await store.newestRevision()) + 1, recorder);
    const last = put(store, '/t/a', '1');
    await store.close();
    assert.equal((await last).succeeded, true);
    await recorder.until(() => recorder.error !== undefined);
    assert.ok(recorder.error instanceof StoreClosedError);
    assert.deepEqual(recorder.lines(), ['put /t/a 1<']);
    await assert.rejects(put(store, '/t/a', '2'), StoreClosedError);
    await assert.rejects(store.get('/t/a'), StoreClosedError);
    await store.close();
  });
}

function ranges(it: It): void {
  it('keys – in a range – come in the order of their UTF-8 bytes, without the end', async (store) => {
    const keys = ['/t/a', '/t/a/b', '/t/a0', '/t/b', '/t/é', '/t/\ufb01', '/t/🚢'];
    for (const key of keys.toReversed()) await put(store, key, 'x');
    await put(store, '/t', 'outside');
    await put(store, '/t0', 'outside');
    const { items, count, more } = await store.range(all);
    assert.deepEqual(
      items.map((kv) => kv.key),
      keys,
    );
    assert.deepEqual([count, more], [keys.length, false]);
    const part = await store.range({ start: '/t/a/b', end: '/t/b' });
    assert.deepEqual(
      part.items.map((kv) => kv.key),
      ['/t/a/b', '/t/a0'],
    );
  });

  it('a limit – limits the items, not the count; a count-only read has no items', async (store) => {
    for (let i = 0; i < 10; i++) await put(store, `/t/${i}`, 'x');
    const cut = await store.range(all, { limit: 3 });
    assert.deepEqual([cut.items.length, cut.count, cut.more], [3, 10, true]);
    const exact = await store.range(all, { limit: 10 });
    assert.deepEqual([exact.items.length, exact.more], [10, false]);
    const counted = await store.range(all, { countOnly: true });
    assert.deepEqual([counted.items.length, counted.count], [0, 10]);
  });

  it('a read at a revision – page by page – shows that revision, whatever has changed since', async (store) => {
    for (let i = 0; i < 9; i++) await put(store, `/t/${i}`, `old ${i}`);
    const { revision } = await store.range(all, { limit: 1 });
    await put(store, '/t/0', 'new');
    await remove(store, '/t/4');
    await put(store, '/t/45', 'inserted');
    await remove(store, '/t/5');
    await put(store, '/t/5', 'reborn');
    const seen: string[] = [];
    for (let start = all.start, more = true; more; ) {
      const page = await store.range({ start, end: all.end }, { limit: 2, revision });
      assert.equal(page.count, 9 - seen.length);
      seen.push(...page.items.map((kv) => text(kv)!));
      start = `${page.items.at(-1)!.key}\0`;
      more = page.more;
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 9 }, (_, i) => `old ${i}`),
    );
    assert.equal(text(await store.get('/t/0', revision)), 'old 0');
    assert.equal(await store.get('/t/45', revision), undefined);
    assert.equal((await store.range(all, { revision, countOnly: true })).count, 9);
  });

  it('a read of a future revision – is rejected', async (store) => {
    await assert.rejects(
      store.range(all, { revision: (await store.newestRevision()) + 100 }),
      FutureRevisionError,
    );
  });
}

function watches(it: It): void {
  it('changes – in a watch – come with the previous value', async (store) => {
    const recorder = new Recorder();
    store.watch(all, (await store.newestRevision()) + 1, recorder);
    await put(store, '/other', 'x');
    const first = await put(store, '/t/a', '1');
    await recorder.until(() => recorder.events.length >= 1);
    await put(store, '/t/a', '2');
    const last = await remove(store, '/t/a');
    await recorder.until(() => recorder.events.length >= 3);
    assert.deepEqual(recorder.lines(), ['put /t/a 1<', 'put /t/a 2<1', 'delete /t/a <2']);
    assert.equal(recorder.events[0]!.revision, first.revision);
    assert.equal(recorder.events[0]!.current!.createRevision, first.revision);
    assert.equal(recorder.events[2]!.revision, last.revision);
  });

  it('a watch from a past revision – delivers the changes since, then continues live', async (store) => {
    const { revision } = await put(store, '/t/a', '1');
    await put(store, '/t/b', '1');
    await remove(store, '/t/a');
    const recorder = new Recorder();
    store.watch(all, revision, recorder);
    assert.equal(recorder.events.length, 0, 'never from inside watch');
    await put(store, '/t/c', '1');
    await recorder.until(() => recorder.events.length >= 4);
    assert.deepEqual(recorder.lines(), ['put /t/a 1<', 'put /t/b 1<', 'delete /t/a <1', 'put /t/c 1<']);
  });

  it('a watch from a future revision – skips earlier changes', async (store) => {
    const recorder = new Recorder();
    store.watch(all, (await store.newestRevision()) + 3, recorder);
    for (let i = 1; i <= 4; i++) await put(store, `/t/${i}`, 'x');
    await recorder.until(() => recorder.events.length >= 2);
    assert.deepEqual(
      recorder.events.map((e) => e.key),
      ['/t/3', '/t/4'],
    );
  });

  it('single keys and odd ranges – are watched too; after cancel there are no events', async (store) => {
    const [even, odd, cancelled] = [new Recorder(), new Recorder(), new Recorder()];
    const from = (await store.newestRevision()) + 1;
    store.watch({ start: '/t/b', end: '/t/b\0' }, from, even);
    store.watch({ start: '/t/b', end: '/t/d' }, from, odd);
    store.watch(all, from, cancelled).cancel();
    for (const name of ['a', 'b', 'bb', 'c', 'd', 'b']) await put(store, `/t/${name}`, 'x');
    await odd.until(() => odd.events.length >= 4);
    await even.until(() => even.events.length >= 2);
    assert.deepEqual(
      even.events.map((e) => e.key),
      ['/t/b', '/t/b'],
    );
    assert.deepEqual(
      odd.events.map((e) => e.key),
      ['/t/b', '/t/bb', '/t/c', '/t/b'],
    );
    assert.equal(cancelled.events.length, 0);
  });

  it('watchers that start at any moment under load – see every change once, in order, completely', async (store) => {
    const from = (await store.newestRevision()) + 1;
    const recorders: Recorder[] = [];
    const writer = async (name: string) => {
      for (let i = 0; i < 60; i++) {
        const key = `/t/${name}/${i % 7}`;
        if (i % 5 === 4) await remove(store, `/t/${name}/${(i - 1) % 7}`);
        else {
          const ops = [key, `${key}-twin`].map(
            (k) => ({ type: 'put', key: k, value: bytes(`${i}`) }) as const,
          );
          await store.commit({ compare: [], ops });
        }
        if (i % 6 === 0) recorders.push(watchFrom(store, from));
      }
    };
    await Promise.all(['x', 'y', 'z'].map(writer));
    const last = await store.newestRevision();
    for (const recorder of recorders) await recorder.until(() => (recorder.revisions.at(-1) ?? 0) >= last);
    const whole = watchFrom(store, from);
    await whole.until(() => (whole.revisions.at(-1) ?? 0) >= last);
    assert.equal(new Set(whole.events.map((e) => `${e.revision} ${e.key}`)).size, whole.events.length);
    assert.ok(whole.events.every((e, i) => i === 0 || whole.events[i - 1]!.revision <= e.revision));
    for (const recorder of recorders) assert.deepEqual(recorder.lines(), whole.lines());
    assert.deepEqual(replay(whole.events), contents((await store.range(all)).items));
  });

  it('a watch handler – writes, watches and cancels – may', async (store) => {
    const echoed = new Recorder();
    const from = (await store.newestRevision()) + 1;
    const watch = store.watch(prefixRange('/t/in/'), from, {
      onEvents: (events) => {
        for (const { key } of events) void put(store, key.replace('/in/', '/out/'), 'echo');
        store.watch(prefixRange('/t/out/'), from, echoed);
        watch.cancel();
      },
      onError() {},
    });
    await put(store, '/t/in/a', '1');
    await put(store, '/t/in/b', '1');
    await echoed.until(() => echoed.events.length >= 1);
    assert.deepEqual(echoed.lines(), ['put /t/out/a echo<']);
  });

  it('a watch handler that throws – ends its own watch only', async (store) => {
    const recorder = new Recorder();
    const from = (await store.newestRevision()) + 1;
    store.watch(all, from, {
      onEvents() {
        throw new Error('from the handler');
      },
      onError() {},
    });
    store.watch(all, from, recorder);
    await put(store, '/t/a', '1');
    await put(store, '/t/b', '1');
    await recorder.until(() => recorder.events.length >= 2);
  });
}

function watchFrom(store: Store, revision: number): Recorder {
  const recorder = new Recorder();
  store.watch(all, revision, recorder);
  return recorder;
}

function replay(events: readonly WatchEvent[]): Record<string, string> {
  const state: Record<string, string> = {};
  for (const event of events) {
    assert.equal(text(event.previous), state[event.key], `previous of ${event.key} at ${event.revision}`);
    if (event.current) state[event.key] = text(event.current)!;
    else delete state[event.key];
  }
  return Object.fromEntries(Object.entries(state).sort());
}

function contents(items: readonly KeyValue[]): Record<string, string> {
  return Object.fromEntries(items.map((kv) => [kv.key, text(kv)!]).sort());
}

function compaction(it: It): void {
  it('history before the compacted revision – is removed, the state at it and later stays', async (store) => {
    await put(store, '/t/a', '1');
    await put(store, '/t/gone', 'x');
    const early = await store.newestRevision();
    await put(store, '/t/a', '2');
    await remove(store, '/t/gone');
    const kept = await store.newestRevision();
    await put(store, '/t/a', '3');
    await store.compact(kept);
    await assert.rejects(store.range(all, { revision: early }), CompactedError);
    assert.deepEqual(contents((await store.range(all, { revision: kept })).items), { '/t/a': '2' });
    assert.deepEqual(contents((await store.range(all)).items), { '/t/a': '3' });
    const recorder = watchFrom(store, kept + 1);
    await recorder.until(() => recorder.events.length >= 1);
    assert.deepEqual(recorder.lines(), ['put /t/a 3<2']);
  });

  it('a watch from before the compacted revision – ends with CompactedError and nothing else', async (store) => {
    const { revision } = await put(store, '/t/a', '1');
    await put(store, '/t/a', '2');
    await put(store, '/t/a', '3');
    await store.compact(await store.newestRevision());
    const recorder = watchFrom(store, revision);
    await recorder.until(() => recorder.error !== undefined);
    assert.ok(recorder.error instanceof CompactedError);
    assert.equal(recorder.error.compactedRevision, await store.newestRevision());
    assert.equal(recorder.events.length, 0);
  });

  it('live watches – during a compaction – are not affected', async (store) => {
    const recorder = watchFrom(store, (await store.newestRevision()) + 1);
    for (let i = 0; i < 5; i++) {
      await put(store, '/t/a', String(i));
      await store.compact(await store.newestRevision());
    }
    await recorder.until(() => recorder.events.length >= 5);
    assert.deepEqual(recorder.lines().at(-1), 'put /t/a 4<3');
  });

  it('a compaction – to the same revision twice, to a future one – is rejected', async (store) => {
    await put(store, '/t/a', '1');
    const revision = await store.newestRevision();
    await store.compact(revision);
    await assert.rejects(store.compact(revision), CompactedError);
    await assert.rejects(store.compact(revision + 100), FutureRevisionError);
  });
}
