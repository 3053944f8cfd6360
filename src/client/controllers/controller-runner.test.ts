/** What the runner does around a controller: which keys it passes to reconcile, and with which view. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps, namespaces, pods } from '#api/generated/kinds.gen.ts';
import type { ConfigMap } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { silentLog } from '#base/log.ts';
import type { Client } from '#client/client.ts';
import { systemEnv } from '#host/system-env.ts';
import { StaticInformers } from '#testing/controllers/static-informers.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { defineController, type RunningController } from './controller.ts';
import { startControllers } from './controller-runner.ts';
import { type Plan, targetOf } from './plan.ts';
import { watch } from './watch.ts';

const namespace = 'default';

function map(name: string, resourceVersion: string, labels: Record<string, string> = {}): Stored<ConfigMap> {
  const creationTimestamp = '2026-01-01T00:00:00Z';
  return { metadata: { name, namespace, uid: name, resourceVersion, creationTimestamp, labels } };
}

interface Running {
  readonly informers: StaticInformers;
  readonly clock: VirtualClock;
  /** `key` of each decision, `key stale` where the view was not current. */
  readonly decisions: string[];
}

async function withController(
  start: (informers: StaticInformers) => Omit<RunningController, 'reconcile'>,
  decide: (key: string) => Plan,
  client: Partial<Client>,
  body: (running: Running) => Promise<void>,
): Promise<void> {
  const clock = new VirtualClock();
  const informers = new StaticInformers();
  const decisions: string[] = [];
  const definition = defineController({
    name: 'test',
    start: () => ({
      ...start(informers),
      reconcile(key, { isCurrent }) {
        decisions.push(isCurrent ? key : `${key} stale`);
        return decide(key);
      },
    }),
  });
  const env = { ...systemEnv(), clock, log: silentLog };
  const running = startControllers([definition], { env, client: client as Client, informers });
  try {
    await body({ informers, clock, decisions });
  } finally {
    await running.stop();
  }
}

test("controller runner – a cached object is older than the controller's last write – waits for its update", () => {
  let written = 0;
  const object = map('a', '5');
  const decide = (): Plan => {
    if (written++ > 0) return { actions: [] };
    return { actions: [{ do: 'updateStatus', type: configMaps, object }] };
  };
  const updateStatus: Client['updateStatus'] = async (_type, status) =>
    ({ ...status, metadata: map('a', '7').metadata }) as never;
  // The watch wakes for additions only: an object that a decision waits for wakes its key nevertheless.
  const watches = [
    watch({ type: configMaps, on: ['listed', 'added'] }),
    watch({ type: pods, keys: () => ['default/a'] }),
  ];
  return withController(
    () => ({ watches }),
    decide,
    { updateStatus },
    async ({ informers, clock, decisions }) => {
      informers.put(configMaps, object);
      await clock.advance(10);
      assert.deepEqual(decisions, ['default/a']);
      informers.put(pods, map('p', '8') as never);
      informers.put(configMaps, map('a', '6'));
      await clock.advance(10);
      assert.deepEqual(decisions, ['default/a'], 'version 7 is on its way');
      informers.put(configMaps, map('a', '7'));
      await clock.advance(10);
      assert.deepEqual(decisions, ['default/a', 'default/a']);
    },
  );
});

test('controller runner – created objects not yet observed – the view is not current; objects of another owner do not count', () => {
  const decide = (key: string): Plan => {
    if (key !== 'default/a') return { actions: [] };
    const object = { metadata: { name: 'made', namespace } };
    return { actions: [{ do: 'together', expected: true, actions: [{ do: 'create', type: pods, object }] }] };
  };
  const create: Client['create'] = async (_type, object) => object as never;
  const watches = [
    watch({ type: configMaps }),
    watch({ type: pods, owner: ({ metadata }) => metadata.labels?.['owner'] }),
  ];
  return withController(
    () => ({ watches }),
    decide,
    { create },
    async ({ informers, clock, decisions }) => {
      informers.put(configMaps, map('a', '1'));
      await clock.advance(10);
      informers.put(configMaps, map('a', '2'));
      await clock.advance(10);
      informers.put(pods, map('made', '3', { owner: 'default/a' }) as never);
      informers.put(configMaps, map('b', '4'));
      await clock.advance(10);
      assert.deepEqual(decisions, ['default/a', 'default/a stale', 'default/a', 'default/b']);
      informers.remove(configMaps, map('a', '2'));
      informers.put(configMaps, map('a', '5'));
      await clock.advance(10);
      assert.equal(decisions[4], 'default/a', 'no expectation for the deleted object');
    },
  );
});

test('controller runner – a declared watch – wakes the keys it declares', () => {
  const noted: string[] = [];
  const watches = [
    watch({
      type: configMaps,
      on: ['listed', 'updated'],
      filter: ({ metadata }) => metadata.name !== 'ignored',
      changed: (old, now) => old.metadata.labels?.['to'] !== now.metadata.labels?.['to'],
      keys: ({ metadata }) => [metadata.labels?.['to'] ?? ''],
      note: (change, { metadata }) => void noted.push(`${change} ${metadata.name}`),
    }),
    watch({ type: namespaces, delayMs: 100 }),
  ];
  return withController(
    (informers) => {
      informers.put(configMaps, map('first', '1', { to: 'x' }));
      return { watches };
    },
    () => ({ actions: [] }),
    {},
    async ({ informers, clock, decisions }) => {
      informers.put(configMaps, map('second', '2', { to: 'never' }));
      informers.put(configMaps, map('ignored', '3', { to: 'y' }));
      informers.put(configMaps, map('ignored', '4', { to: 'z' }));
      informers.put(namespaces, { metadata: { ...map('n', '5').metadata, namespace: '' } });
      await clock.advance(10);
      assert.deepEqual(decisions.splice(0), ['x']);
      informers.put(configMaps, map('first', '6', { to: 'x', other: 'label' }));
      informers.put(configMaps, map('second', '7', { to: 'again' }));
      informers.remove(configMaps, map('first', '6', { to: 'x' }));
      await clock.advance(10);
      assert.deepEqual(decisions.splice(0), ['never', 'again'], 'the keys before the update, and after it');
      await clock.advance(100);
      assert.deepEqual(decisions, ['n']);
      assert.deepEqual(noted, [
        'listed first',
        'added second',
        'added ignored',
        'updated ignored',
        'updated first',
        'updated second',
        'deleted first',
      ]);
    },
  );
});

test('controller runner – a plan – is logged at debug level, one line for each action', async () => {
  const lines: unknown[] = [];
  const log = {
    ...silentLog,
    debug: (message: string, fields?: object) =>
      void lines.push([message, JSON.parse(JSON.stringify(fields))]),
    child: () => log,
  };
  const informers = new StaticInformers();
  informers.put(configMaps, map('a', '1'));
  const definition = defineController({
    name: 'test',
    start: () => ({
      watches: [watch({ type: configMaps })],
      reconcile: () => ({
        actions: [{ do: 'delete', ...targetOf(configMaps, map('a', '1')) }],
        againInMs: 5_000,
      }),
    }),
  });
  const clock = new VirtualClock();
  const client = { delete: async () => {} } as Partial<Client> as Client;
  const running = startControllers([definition], { env: { ...systemEnv(), clock, log }, client, informers });
  await clock.advance(10);
  await running.stop();
  assert.deepEqual(lines, [
    ['plan', { key: 'default/a', plan: ['delete ConfigMap default/a', 'again after 5000 ms'] }],
  ]);
});

test('controller runner – writes of more keys than there are workers hang – other keys wait a second at most', () => {
  const webhook = Promise.withResolvers<void>();
  const create: Client['create'] = async (_type, object) => {
    if (object.metadata?.name?.startsWith('hangs')) await webhook.promise;
    return object as never;
  };
  const decide = (key: string): Plan => {
    const name = key.slice(namespace.length + 1);
    return { actions: [{ do: 'create', type: pods, object: { metadata: { name, namespace } } }] };
  };
  return withController(
    () => ({ watches: [watch({ type: configMaps })] }),
    decide,
    { create },
    async ({ informers, clock, decisions }) => {
      for (let i = 0; i < 30; i++) informers.put(configMaps, map(`hangs-${i}`, `${i + 1}`));
      await clock.advance(10);
      informers.put(configMaps, map('new', '100'));
      await clock.advance(10);
      assert.equal(decisions.length, 5);
      await clock.advance(6_000);
      const decided = decisions.splice(0);
      webhook.resolve();
      await clock.advance(10);
      assert.ok(decided.includes('default/new'));
      assert.equal(decided.length, 31);
      assert.equal(clock.pendingTimers(), 0);
    },
  );
});
