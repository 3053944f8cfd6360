import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps } from '#api/generated/kinds.gen.ts';
import type { ResourceQuota } from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { CachedObject, Follower, ObjectFeed } from '../../contract/contract.ts';
import { QuotaLedgers } from './quota-ledgers.ts';

const quota: ResourceQuota = {
  metadata: { name: 'q', namespace: 'ns', uid: 'u' },
  spec: { hard: { 'count/configmaps': '10' } },
};
const count = 1000;

/** A namespace of many objects; counts how often one of them is looked at. */
function fullNamespace() {
  const state = { looks: 0, unreadable: '' };
  const followers: Follower[] = [];
  const entry = (name: string): CachedObject => ({
    name,
    object(): AnyObject {
      state.looks++;
      if (name === state.unreadable) throw new Error('unreadable');
      return { metadata: { name, namespace: 'ns' } };
    },
  });
  const entries = Array.from({ length: count }, (_, i) => entry(`m${i}`));
  const feed: ObjectFeed = {
    entries: () => entries,
    follow: (type, follower) => void (type === configMaps && followers.push(follower)),
  };
  const change = (name: string, isThere: boolean) => {
    for (const follower of followers) follower.changed('ns', name, isThere ? entry(name) : undefined);
  };
  return { state, feed, change };
}

/** Each look at it moves it on. */
class BusyClock extends VirtualClock {
  #nowMs = 0;
  override monotonicMs(): number {
    return this.#nowMs++;
  }
}

const sumOf = (used: unknown) => (used as Map<string, unknown>).get('count/configmaps')?.toString();

test('a thousand objects – are looked at once; then each change costs one look', async () => {
  const { state, feed, change } = fullNamespace();
  const ledgers = new QuotaLedgers(feed, new VirtualClock());
  await ledgers.used(quota, configMaps);
  assert.equal(sumOf(ledgers.used(quota, configMaps)), '1k');
  assert.equal(state.looks, count);
  change('new', true);
  change('m1', true);
  change('m2', false);
  change('never-was', false);
  assert.equal(sumOf(ledgers.used(structuredClone(quota), configMaps)), '1k');
  assert.equal(state.looks, count + 2);
});

test('a thousand objects – are counted in turns, and what changes meanwhile is counted as it is', async () => {
  const { feed, change } = fullNamespace();
  const ledgers = new QuotaLedgers(feed, new BusyClock());
  let turns = 0;
  let isOver = false;
  const turn = () => {
    turns++;
    if (turns === 5)
      for (const [name, isThere] of [
        ['m999', false],
        ['m998', true],
        ['new', true],
      ] as const)
        change(name, isThere);
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await ledgers.used(quota, configMaps);
  isOver = true;
  assert.ok(turns >= 50, `${turns} turns`);
  assert.equal(sumOf(ledgers.used(quota, configMaps)), '1k');
});

test('a quota whose limits change – is counted for the new ones', async () => {
  const { feed } = fullNamespace();
  const ledgers = new QuotaLedgers(feed, new VirtualClock());
  await ledgers.used(quota, configMaps);
  const other = { ...quota, spec: { hard: { configmaps: '1' } } };
  await ledgers.used(other, configMaps);
  const used = ledgers.used(other, configMaps);
  assert.deepEqual([...(used as Map<string, unknown>).keys()], ['configmaps']);
});

test('a count that fails – fails for those who wait; the next question counts from the start', async () => {
  const { state, feed } = fullNamespace();
  const ledgers = new QuotaLedgers(feed, new VirtualClock());
  state.unreadable = 'm500';
  await assert.rejects(async () => ledgers.used(quota, configMaps), /unreadable/);
  state.unreadable = '';
  await ledgers.used(quota, configMaps);
  assert.equal(sumOf(ledgers.used(quota, configMaps)), '1k');
});

test('a change that cannot be counted – the sums are counted from the start', async () => {
  const { state, feed, change } = fullNamespace();
  const ledgers = new QuotaLedgers(feed, new VirtualClock());
  await ledgers.used(quota, configMaps);
  state.unreadable = 'm1';
  change('m1', true);
  state.unreadable = '';
  await ledgers.used(quota, configMaps);
  assert.equal(sumOf(ledgers.used(quota, configMaps)), '1k');
  assert.equal(state.looks, 2 * count + 1);
});
