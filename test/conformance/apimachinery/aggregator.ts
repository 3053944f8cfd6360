/**
 * An extension API server behind the cluster's: a server of the test itself, which keeps its objects in memory,
 * is registered, reached, shown and taken away again.
 */

import assert from 'node:assert/strict';
import { apiServices } from '#api/generated/kinds.gen.ts';
import type { APIService } from '#api/generated/types.gen.ts';
import { conditionOf } from '#api/meta/conditions.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { resourceType } from '#api/meta/resource.ts';
import {
  type ExtensionServer,
  json,
  registerExtension,
  startExtensionServer,
} from '#testing/server/extension-server.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { request } from '../shared/requests.ts';

/** Answers for its objects: create, get, list and delete. */
function keepObjects(server: ExtensionServer, root: string): void {
  const objects = new Map<string, AnyObject>();
  server.reply = ({ method, url, body, headers }, response) => {
    assert.ok(headers['x-remote-user']);
    const name = url.split('?')[0]!.slice(root.length + 1);
    if (method === 'POST') {
      const object = JSON.parse(body) as AnyObject;
      objects.set(object.metadata!.name!, object);
      return json(response, 201, object);
    }
    const list = { kind: 'GadgetList', metadata: {}, items: [...objects.values()] };
    if (name === '') return json(response, 200, list);
    const found = objects.get(name);
    const missing = { kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404 };
    if (!found) return json(response, 404, missing);
    if (method === 'DELETE') objects.delete(name);
    json(response, 200, found);
  };
}

async function servesAnother(context: BehaviourContext): Promise<void> {
  const { client, namespace, after, eventually } = context;
  const group = `${namespace}.ext.example.com`;
  const name = `v1.${group}`;
  const gadgets = resourceType<AnyObject>(group, 'v1', 'gadgets', 'Gadget', true);
  const server = await startExtensionServer(group, namespace);
  after(async () => server[Symbol.asyncDispose]());
  keepObjects(server, `/apis/${group}/v1/namespaces/${namespace}/gadgets`);
  await registerExtension(client, server, { group, namespace });
  after(() => client.delete(apiServices, { name }).catch(() => {}));
  await eventually('the server is available', async () => {
    const { status } = await client.get(apiServices, { name });
    assert.equal(conditionOf(status, 'Available')?.message, 'all checks passed');
    return true;
  });
  await usesObjects(context, gadgets);
  await isDiscovered(context, group);
  await changesService(context, name);
  await eventually('the group is gone', async () => {
    return (await request(context, 'GET', `/apis/${group}/v1`)).status === 404;
  });
}

async function usesObjects(
  { client, namespace, kubectl }: BehaviourContext,
  gadgets: ReturnType<typeof resourceType<AnyObject>>,
): Promise<void> {
  const apiVersion = `${gadgets.group}/v1`;
  await client.create(gadgets, { apiVersion, kind: 'Gadget', metadata: { name: 'a', namespace } });
  assert.equal((await client.list(gadgets, { namespace })).items.length, 1);
  assert.equal(
    await kubectl('get', `gadgets.v1.${gadgets.group}`, 'a', '-o=name'),
    `gadget.${gadgets.group}/a\n`,
  );
  await client.delete(gadgets, { namespace, name: 'a' });
  assert.equal((await client.list(gadgets, { namespace })).items.length, 0);
}

async function isDiscovered(context: BehaviourContext, group: string): Promise<void> {
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  await context.eventually('its version is current', async () => {
    const { text } = await request(context, 'GET', '/apis', { accept });
    const items = JSON.parse(text).items as {
      metadata: { name: string };
      versions: { freshness: string }[];
    }[];
    return items.find(({ metadata }) => metadata.name === group)?.versions[0]?.freshness === 'Current';
  });
}

/** Its priority, its status, its labels, and the deletion of all that have a label. */
async function changesService({ client, eventually }: BehaviourContext, name: string): Promise<void> {
  const patched = await client.patch(apiServices, { name }, 'merge', { spec: { versionPriority: 400 } });
  assert.equal(patched.spec?.versionPriority, 400);
  const condition = { type: 'StatusUpdated', status: 'True', reason: 'Test', message: 'set by a test' };
  await eventually('its status is updated', async () => {
    const stored = await client.get(apiServices, { name });
    const conditions = [...(stored.status?.conditions ?? []), condition];
    const updated: APIService = await client.updateStatus(apiServices, { ...stored, status: { conditions } });
    return conditionOf(updated.status, 'StatusUpdated')?.reason === 'Test';
  });
  await client.patch(apiServices, { name }, 'strategic', { metadata: { labels: { of: name } } });
  const labelSelector = `of=${name}`;
  assert.equal((await client.list(apiServices, { labelSelector })).items.length, 1);
  await client.deleteCollection(apiServices, { labelSelector });
  assert.equal((await client.list(apiServices, { labelSelector })).items.length, 0);
}

export const aggregator: readonly Behaviour[] = [
  behaviour(
    '[sig-api-machinery] Aggregator Should be able to support the 1.17 Sample API Server using the current Aggregator [LinuxOnly] [Conformance]',
    servesAnother,
  ),
];
