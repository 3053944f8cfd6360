/**
 * An extension API server that answers discovery and leaves every other request open: namespaces, owners and quotas
 * go on for all other groups, and its own requests fail at their deadline.
 */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { apiServices, configMaps, namespaces, resourceQuotas } from '#api/generated/kinds.gen.ts';
import { conditionOf, isConditionTrue } from '#api/meta/conditions.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Client } from '#client/client.ts';
import type { ControllerDefinition } from '#client/controllers/controller.ts';
import { startControllers } from '#client/controllers/controller-runner.ts';
import { createInformers } from '#client/informers/informers.ts';
import {
  type ExtensionServer,
  extensionGroup,
  json,
  registerExtension,
  startExtensionServer,
} from '#testing/server/extension-server.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { garbageCollector } from './garbage-collector/garbage-collector.ts';
import { namespaceController } from './namespaces/namespace.ts';
import { resourceQuota } from './namespaces/resource-quota.ts';

const namespace = 'n';

interface Running {
  readonly client: Client;
  readonly extension: ExtensionServer;
  eventually<T>(what: string, found: () => Promise<T | undefined | false>): Promise<T>;
}

/** With the namespace `n`. The clock moves while the test waits. */
async function start(t: TestContext, definition: ControllerDefinition): Promise<Running> {
  const clock = new VirtualClock();
  const api = await startTestServer({ setup: 'kubernetes', env: { clock } });
  const extension = await startExtensionServer();
  extension.reply = () => {};
  const { client, env } = api;
  await client.create(namespaces, { metadata: { name: namespace } });
  await registerExtension(client, extension);
  const eventually: Running['eventually'] = async (what, found) => {
    for (let step = 0; step < 300; step++) {
      const value = await found();
      if (value !== undefined && value !== false) return value;
      await clock.advance(1000);
    }
    throw new Error(`not within five minutes: ${what}`);
  };
  await eventually('the extension server is available', async () =>
    isConditionTrue((await client.get(apiServices, { name: `v1.${extensionGroup}` })).status, 'Available'),
  );
  const informers = createInformers(client, env);
  const controllers = startControllers([definition], { env, client, informers });
  t.after(async () => {
    let isStopped = false;
    const stopped = stop().then(() => (isStopped = true));
    // What waits for the extension server ends at its deadline.
    while (!isStopped) await clock.advance(1000);
    await stopped;
  });
  const stop = async () => {
    await controllers.stop();
    informers.stop();
    await api.stop();
    await extension[Symbol.asyncDispose]();
  };
  return { client, extension, eventually };
}

async function isGone(reading: Promise<unknown>): Promise<boolean> {
  try {
    await reading;
    return false;
  } catch (error) {
    if (error instanceof StatusError && error.code === 404) return true;
    throw error;
  }
}

test('a namespace – with a group whose server hangs – loses its other content, reports the group, and ends when that answers', async (t) => {
  const { client, extension, eventually } = await start(t, namespaceController);
  await client.create(configMaps, { metadata: { name: 'a', namespace } });
  await client.delete(namespaces, { name: namespace });
  await eventually('the ConfigMap is gone', () => isGone(client.get(configMaps, { namespace, name: 'a' })));
  const failure = await eventually('the group is reported', async () => {
    const { status } = await client.get(namespaces, { name: namespace });
    const condition = conditionOf(status, 'NamespaceDeletionContentFailure');
    return condition?.status === 'True' && condition;
  });
  assert.deepEqual(
    [failure.reason, failure.message],
    [
      'ContentDeletionFailed',
      'Failed to delete all resource types, 1 remaining: Timeout: request did not complete within the allotted timeout',
    ],
  );
  extension.reply = (_, response) => json(response, 200, { kind: 'GadgetList', metadata: {}, items: null });
  await eventually('the namespace is gone', () => isGone(client.get(namespaces, { name: namespace })));
});

test('an object without an owner – beside a group whose server hangs – is deleted', async (t) => {
  const { client, extension, eventually } = await start(t, garbageCollector);
  const { metadata } = await client.create(configMaps, { metadata: { name: 'owner', namespace } });
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: metadata.uid }];
  const gadget = { apiVersion: `${extensionGroup}/v1`, kind: 'Gadget', name: 'g', uid: 'u' };
  await client.create(configMaps, { metadata: { name: 'owned', namespace, ownerReferences } });
  for (let i = 0; i < 20; i++) {
    const waiting = { name: `waits-${i}`, namespace, ownerReferences: [gadget] };
    await client.create(configMaps, { metadata: waiting });
  }
  const isAboutGadget = ({ url }: { url: string }) => url.endsWith('/gadgets/g');
  await eventually('every worker waits', async () => extension.asked.filter(isAboutGadget).length === 20);
  await client.delete(configMaps, { namespace, name: 'owner' });
  await eventually('the ConfigMap is gone', () =>
    isGone(client.get(configMaps, { namespace, name: 'owned' })),
  );
  assert.equal(
    (await client.list(configMaps, { namespace, fieldSelector: 'metadata.name=waits-0' })).items.length,
    1,
  );
});

test('a quota – that counts a group whose server hangs, too – has the usage of the other groups', async (t) => {
  const { client, eventually } = await start(t, resourceQuota);
  const gadgets = `count/gadgets.${extensionGroup}`;
  await client.create(configMaps, { metadata: { name: 'a', namespace } });
  const hard = { [gadgets]: '5', 'count/configmaps': '5' };
  await client.create(resourceQuotas, { metadata: { name: 'q', namespace }, spec: { hard } });
  const used = await eventually('the usage', async () => {
    const { status } = await client.get(resourceQuotas, { namespace, name: 'q' });
    return status?.used;
  });
  assert.deepEqual(used, { 'count/configmaps': '1' });
});
