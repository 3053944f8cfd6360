import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps, namespaces } from '#api/generated/kinds.gen.ts';
import { expired } from '#api/meta/status.ts';
import { systemEnv } from '#host/system-env.ts';
import { eventually } from '#testing/client-suite.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { Client } from '../client.ts';
import { createInformers } from './informers.ts';

/** A client whose calls can be made to fail, and which counts them. */
function unreliable(client: Client) {
  const control = {
    lists: 0,
    watches: [] as string[],
    nextFailure: undefined as Error | undefined,
    cut: () => {},
  };
  const failing: Client = {
    ...client,
    list(type, options) {
      control.lists++;
      return client.list(type, options);
    },
    async *watch(type, options) {
      control.watches.push(options.resourceVersion ?? '');
      const failure = control.nextFailure;
      control.nextFailure = undefined;
      if (failure) throw failure;
      const stop = new AbortController();
      control.cut = () => stop.abort();
      const signal = AbortSignal.any([stop.signal, ...(options.signal ? [options.signal] : [])]);
      yield* client.watch(type, { ...options, signal });
    },
  };
  return { control, client: failing };
}

test('reflector – a broken watch, an expired version – resumes from the last version, lists again', async () => {
  const clock = new VirtualClock();
  const env = { ...systemEnv(), clock };
  const real = systemEnv();
  const server = await startTestServer();
  const { control, client } = unreliable(server.client);
  const informers = createInformers(client, env);
  try {
    await client.create(namespaces, { metadata: { name: 'default' } });
    const informer = informers.for(configMaps);
    const calls: string[] = [];
    informer.subscribe({
      onAdd: ({ metadata }) => calls.push(`add ${metadata.name}`),
      onDelete: ({ metadata }) => calls.push(`delete ${metadata.name}`),
    });
    await informers.synced();
    const create = (name: string) => client.create(configMaps, { metadata: { name, namespace: 'default' } });
    const a = await create('a');
    await eventually(real, 'a', () => calls.length === 1 || undefined);

    control.cut();
    await eventually(real, 'a second watch', () => control.watches.length === 2 || undefined);
    assert.equal(control.watches[1], a.metadata.resourceVersion);
    assert.equal(control.lists, 1);

    control.nextFailure = expired('too old resource version');
    control.cut();
    await create('b');
    await client.delete(configMaps, { namespace: 'default', name: 'a' });
    await eventually(real, 'the list again', async () => {
      await clock.advance(500);
      return control.lists === 2 || undefined;
    });
    await eventually(real, 'b without a', () => calls.length === 3 || undefined);
    assert.deepEqual(calls, ['add a', 'add b', 'delete a']);
  } finally {
    informers.stop();
    await server.stop();
  }
});
