/** What every transport must support; run over the in-process transport and over HTTPS. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configMaps, events, leases, namespaces } from '#api/generated/kinds.gen.ts';
import type { ConfigMap } from '#api/generated/types.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import { sleep } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { type ControllerDefinition, defineController } from '#client/controllers/controller.ts';
import { startControllers } from '#client/controllers/controller-runner.ts';
import { watch } from '#client/controllers/watch.ts';
import { runLeaderElection } from '#client/election/leader-election.ts';
import { createEventRecorder } from '#client/events/recorder.ts';
import { createInformers } from '#client/informers/informers.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface OpenClient {
  readonly env: Env;
  readonly client: Client;
  close(): Promise<void>;
}

const namespace = 'default';
const map = (name: string, data: Record<string, string> = {}): ConfigMap => ({
  metadata: { name, namespace, labels: { app: 'suite' } },
  data,
});

/** Waits until `found` returns something, at most ten seconds. A virtual clock advances meanwhile. */
export async function eventually<T>(
  env: Env,
  what: string,
  found: () => T | undefined | Promise<T | undefined>,
) {
  const { clock } = env;
  const deadlineMs = clock.monotonicMs() + 10_000;
  while (clock.monotonicMs() < deadlineMs) {
    const value = await found();
    if (value !== undefined && value !== false) return value;
    if (clock instanceof VirtualClock) await clock.advance(5);
    else await holdOpen(sleep(clock, 5));
  }
  throw new Error(`not within ten seconds: ${what}`);
}

/** The clock's timers let the process end; a test that waits for one must not. */
async function holdOpen<T>(wait: Promise<T>): Promise<T> {
  const handle = setInterval(() => {}, 60_000);
  try {
    return await wait;
  } finally {
    clearInterval(handle);
  }
}

export function clientSuite(name: string, open: () => Promise<OpenClient>): void {
  const withClient = (title: string, body: (opened: OpenClient) => Promise<void>) =>
    test(title, async () => {
      const opened = await open();
      try {
        await opened.client.create(namespaces, { metadata: { name: namespace } }).catch(() => {});
        await holdOpen(body(opened));
      } finally {
        await opened.close();
      }
    });

  describe(name, () => {
    withClient('objects are created, read, changed and deleted', async ({ client }) => {
      const created = await client.create(configMaps, map('a', { k: '1' }));
      assert.ok(created.metadata.uid);
      const changed = await client.update(configMaps, { ...created, data: { k: '2' } });
      assert.notEqual(changed.metadata.resourceVersion, created.metadata.resourceVersion);
      const patched = await client.patch(configMaps, { namespace, name: 'a' }, 'merge', { data: { l: '3' } });
      assert.deepEqual(patched.data, { k: '2', l: '3' });
      assert.deepEqual((await client.get(configMaps, { namespace, name: 'a' })).data, patched.data);
      await client.delete(
        configMaps,
        { namespace, name: 'a' },
        { preconditions: { uid: created.metadata.uid } },
      );
      await assert.rejects(client.get(configMaps, { namespace, name: 'a' }), {
        code: 404,
        reason: 'NotFound',
      });
    });

    withClient("failures are the server's own words", async ({ client }) => {
      const created = await client.create(configMaps, map('a'));
      await client.update(configMaps, { ...created, data: { k: '1' } });
      const stale = client.update(configMaps, { ...created, data: { k: '2' } });
      await assert.rejects(stale, (error: StatusError) => error.code === 409 && error.reason === 'Conflict');
      await assert.rejects(client.create(configMaps, map('a')), { code: 409, reason: 'AlreadyExists' });
    });

    withClient('lists come in pages', async ({ client }) => {
      for (let i = 0; i < 5; i++) await client.create(configMaps, map(`m-${i}`));
      const first = await client.list(configMaps, { namespace, labelSelector: 'app=suite', limit: 3 });
      assert.equal(first.items.length, 3);
      const token = first.metadata.continue;
      assert.ok(token);
      const rest = await client.list(configMaps, {
        namespace,
        labelSelector: 'app=suite',
        limit: 3,
        continue: token,
      });
      assert.deepEqual(
        rest.items.map(({ metadata }) => metadata.name),
        ['m-3', 'm-4'],
      );
    });

    withClient('a watch delivers changes in order and ends when calls to', async ({ client }) => {
      const { metadata } = await client.list(configMaps, { namespace });
      const stop = new AbortController();
      const seen: string[] = [];
      const watching = (async () => {
        const options = { namespace, resourceVersion: metadata.resourceVersion!, signal: stop.signal };
        for await (const event of client.watch(configMaps, options)) {
          seen.push(`${event.type} ${event.object.metadata.name} ${event.object.data?.['k'] ?? ''}`);
          if (seen.length === 3) stop.abort();
        }
      })();
      const text = 'ü'.repeat(50_000);
      const created = await client.create(configMaps, map('w', { k: text }));
      await client.update(configMaps, { ...created, data: { k: 'short' } });
      await client.delete(configMaps, { namespace, name: 'w' });
      await watching;
      assert.deepEqual(seen, [`ADDED w ${text}`, 'MODIFIED w short', 'DELETED w short']);
    });

    withClient(
      'a watch from a version that is not kept or not known fails as the server says',
      async ({ client }) => {
        const watching = (async () => {
          for await (const _event of client.watch(configMaps, { namespace, resourceVersion: 'x' })) break;
        })();
        await assert.rejects(watching, (error) => error instanceof StatusError);
      },
    );

    withClient(
      'an informer is filled, follows, indexes and notifies late subscribers',
      async ({ client, env }) => {
        await client.create(configMaps, map('a', { team: 'red' }));
        const informers = createInformers(client, env);
        try {
          const informer = informers.for(configMaps, { namespace, labelSelector: 'app=suite' });
          informer.addIndex('team', (object) => [object.data?.['team'] ?? '']);
          await informers.synced();
          assert.equal(
            informers.for(configMaps, { namespace, labelSelector: 'app=suite' }),
            informer,
            'shared',
          );
          assert.equal(informer.byIndex('team', 'red').length, 1);
          const calls: string[] = [];
          informer.subscribe({
            onAdd: (object) => calls.push(`add ${object.metadata.name}`),
            onUpdate: (old, object) => calls.push(`update ${old.data?.['team']} ${object.data?.['team']}`),
            onDelete: (object) => calls.push(`delete ${object.metadata.name}`),
          });
          const a = informer.get(namespace, 'a')!;
          await client.update(configMaps, { ...a, data: { team: 'blue' } });
          await client.delete(configMaps, { namespace, name: 'a' });
          await eventually(env, 'three calls', () => calls.length === 3 || undefined);
          assert.deepEqual(calls, ['add a', 'update red blue', 'delete a']);
          assert.deepEqual([informer.list().length, informer.byIndex('team', 'blue').length], [0, 0]);
        } finally {
          informers.stop();
        }
      },
    );

    withClient('a controller is woken, retried and stopped', async ({ client, env }) => {
      const informers = createInformers(client, env);
      const running = startControllers([flakyCopier()], { env, client, informers });
      try {
        await client.create(configMaps, map('source', { k: 'v' }));
        const copy = await eventually(env, 'the copy', () =>
          client.get(configMaps, { namespace, name: 'copy-of-source' }).catch(() => undefined),
        );
        assert.deepEqual(copy.data, { k: 'v' });
        const recorded = await eventually(
          env,
          'the event',
          async () => (await client.list(events, { namespace })).items[0],
        );
        assert.equal(recorded.reason, 'Copied');
        assert.equal(recorded.source?.component, 'copier');
      } finally {
        await running.stop();
        informers.stop();
      }
    });

    withClient('repeated events are counted on one object', async ({ client, env }) => {
      const recorder = createEventRecorder({ env, client, component: 'suite' });
      const about = await client.create(configMaps, map('a'));
      for (let i = 0; i < 3; i++) recorder.event(about, 'Normal', 'Tick', 'tock');
      await recorder.flushed();
      const { items } = await client.list(events, { namespace });
      assert.deepEqual(
        items.map(({ count, message, involvedObject }) => [count, message, involvedObject.name]),
        [[3, 'tock', 'a']],
      );
      assert.match(items[0]!.metadata.name, /^a\.[0-9a-f]+$/);
    });

    withClient(
      'one of two candidates leads; the other follows when it steps down',
      async ({ client, env }) => {
        const log: string[] = [];
        const candidate = (identity: string) =>
          runLeaderElection({
            env,
            client,
            namespace,
            name: 'lock',
            identity,
            onStartedLeading: () => log.push(`${identity} leads`),
            onStoppedLeading: () => log.push(`${identity} stopped`),
          });
        const first = candidate('a');
        await eventually(env, 'a leads', () => first.isLeader || undefined);
        const second = candidate('b');
        await first.stop();
        await eventually(env, 'b leads', () => second.isLeader || undefined);
        await second.stop();
        assert.deepEqual(log, ['a leads', 'a stopped', 'b leads', 'b stopped']);
        const lease = await client.get(leases, { namespace, name: 'lock' });
        assert.deepEqual([lease.spec?.holderIdentity ?? '', lease.spec?.leaseTransitions], ['', 1]);
      },
    );
  });
}

/** Copies every ConfigMap once; its first attempt at each fails. */
function flakyCopier(): ControllerDefinition {
  return defineController({
    name: 'copier',
    start({ informers }) {
      const maps = informers.for(configMaps);
      const tried = new Set<string>();
      return {
        watches: [watch({ type: configMaps, keys: ({ metadata }) => [metadata.name] })],
        reconcile(key) {
          const source = maps.get(namespace, key);
          if (!source || key.startsWith('copy-of-')) return { actions: [] };
          if (!tried.has(key)) {
            tried.add(key);
            throw new Error('not the first time');
          }
          const object = { ...map(`copy-of-${key}`), data: source.data };
          return {
            actions: [
              { do: 'create', type: configMaps, object },
              { do: 'event', regarding: source, eventType: 'Normal', reason: 'Copied', message: 'copied' },
            ],
          };
        },
      };
    },
  });
}
