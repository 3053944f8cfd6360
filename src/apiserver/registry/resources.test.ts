/**
 * A made-up kind on a running API server: served, replaced and removed, and what its clients and those of
 * others see.
 */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { configMaps, namespaces } from '#api/generated/kinds.gen.ts';
import { ageColumn, column, nameColumn } from '#api/kind/printer.ts';
import type { AnyObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Clock } from '#base/clock.ts';
import { bodyText } from '#client/transport/body.ts';
import { systemEnv } from '#host/system-env.ts';
import { eventually } from '#testing/client-suite.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import {
  servableWidget,
  servableWidgetV2,
  string,
  type Widget,
  widget,
  widgets,
  widgetsV2,
} from '#testing/widgets.ts';
import type { SpecialHandler } from '../contract/special-handler.ts';
import type { StorageHooks } from '../contract/storage-hooks.ts';

const namespace = 'default';
const collection = `/apis/example.com/v1/namespaces/${namespace}/widgets`;
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';

async function start(t: TestContext) {
  // The second stands still: nothing of an answer is new by the time that it was made at.
  const env = systemEnv();
  const clock: Clock = Object.create(env.clock, { now: { value: () => Date.parse('2026-01-01T00:00:00Z') } });
  const running = await startTestServer({ env: { clock } });
  t.after(running.stop);
  const { client, transport, server } = running;
  await client.create(namespaces, { metadata: { name: namespace } });
  const request = async (method: string, path: string, headers = {}, body?: object) => {
    const bytes = body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) };
    const answer = await transport.request({ method, path, headers, ...bytes });
    const text = await bodyText(answer);
    return { code: answer.status, text, body: (text.startsWith('{') ? JSON.parse(text) : {}) as AnyObject };
  };
  return { env: running.env, client, server, transport, resources: server.resources, request };
}

const codeOf = (error: unknown) => (error instanceof StatusError ? error.code : error);

/** What a watcher has seen so far, and whether its watch has ended. */
function follow({ client }: Pick<Awaited<ReturnType<typeof start>>, 'client'>, type: ResourceType) {
  const seen: string[] = [];
  const state = { seen, isOver: false };
  void (async () => {
    for await (const event of client.watch(type, { namespace, resourceVersion: '0' })) {
      seen.push(`${event.type} ${event.object.metadata.name}`);
    }
    state.isOver = true;
  })();
  return state;
}

test('a kind – that is added – is read, written, selected and described as any other', async (t) => {
  const running = await start(t);
  const { client, resources, request } = running;
  assert.equal((await request('GET', collection)).code, 404);
  assert.equal((await request('GET', '/apis/example.com/v1')).code, 404);
  await resources.add(servableWidget());
  const made = await client.create(widgets, widget('a'));
  assert.deepEqual(
    [made.apiVersion, made.kind, made.spec, made.metadata.generation],
    ['example.com/v1', 'Widget', { size: 'small', replicas: 1 }, 1],
  );
  await client.create(widgets, widget('b', { size: 'large' }));
  const large = await client.list(widgets, { namespace, fieldSelector: 'spec.size=large' });
  assert.deepEqual(
    large.items.map(({ metadata }) => metadata.name),
    ['b'],
  );
  const merged = await client.patch(widgets, { namespace, name: 'a' }, 'strategic', {
    spec: { parts: [{ name: 'bolt', count: 2 }] },
  });
  assert.equal(merged.metadata.generation, 2);
  const both = await client.patch(widgets, { namespace, name: 'a' }, 'strategic', {
    spec: { parts: [{ name: 'nut', count: 1 }] },
  });
  assert.deepEqual(
    both.spec?.parts?.map(({ name }) => name),
    ['nut', 'bolt'],
  );
  const scaled = await request(
    'PUT',
    `${collection}/a/scale`,
    {},
    {
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: { name: 'a', namespace },
      spec: { replicas: 3 },
    },
  );
  assert.deepEqual([scaled.code, scaled.body['spec']], [200, { replicas: 3 }]);
  const groups = (await request('GET', '/apis')).body as { groups?: { name: string }[] };
  assert.equal(groups.groups?.at(-1)?.name, 'example.com');
  const listed = (await request('GET', '/apis/example.com/v1')).body as { resources?: { name: string }[] };
  assert.deepEqual(
    listed.resources?.map(({ name }) => name),
    ['widgets', 'widgets/scale', 'widgets/status'],
  );
  const index = (await request('GET', '/openapi/v3')).text;
  assert.match(index, /"apis\/example.com\/v1"/);
  for (const path of ['/openapi/v3/apis/example.com/v1', '/openapi/v2']) {
    await t.test(path, async () => {
      assert.match((await request('GET', path)).text, /com\.example\.v1\.WidgetSpec/);
    });
  }
});

test('a kind that is added – what its schema and its rules do not allow – is refused in the usual words', async (t) => {
  const { client, resources, request } = await start(t);
  await resources.add(servableWidget());
  const refused = (spec: object) =>
    assert.rejects(client.create(widgets, { ...widget('a'), spec } as Widget), (error) => {
      assert.equal(codeOf(error), 422);
      assert.match(String(error), /Widget.example.com "a" is invalid: spec.size: Unsupported value: "huge"/);
      return true;
    });
  await refused({ size: 'huge' });
  const strict = await request(
    'POST',
    `${collection}?fieldValidation=Strict`,
    {},
    {
      ...widget('a', { colour: 'red' } as object),
    },
  );
  assert.deepEqual([strict.code, /unknown field ."spec.colour."/.test(strict.text)], [400, true]);
  const typed = await request('POST', collection, {}, widget('a', { replicas: 'many' } as object));
  assert.equal(typed.code, 400);
  const protobuf = { 'content-type': 'application/vnd.kubernetes.protobuf' };
  const unread = await request('POST', collection, protobuf, {});
  assert.deepEqual(
    [unread.code, (unread.body as { message?: string }).message],
    [
      415,
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml',
    ],
  );
  assert.equal((await request('GET', collection, { accept: protobuf['content-type'] })).code, 406);
});

test('a kind – that is added with a handler of its own – its subresource is answered by the handler', async (t) => {
  const { client, resources, request } = await start(t);
  const ping: SpecialHandler = {
    group: widgets.group,
    resource: widgets.resource,
    subresource: 'ping',
    verbs: ['get'],
    handle: async ({ info, serverClient }) => {
      const { metadata } = await serverClient.get(widgets, info.namespace, info.name);
      return { status: 200, headers: {}, body: Buffer.from(`pong ${metadata?.name}`) };
    },
  };
  await resources.add({ ...servableWidget(), handlers: [ping] });
  await client.create(widgets, widget('a'));
  assert.equal((await request('GET', `${collection}/a/ping`)).text, 'pong a');
  assert.equal((await request('GET', `${collection}/b/ping`)).code, 404);
});

test('a kind – that is replaced – answers by the new one at once, over the same objects', async (t) => {
  const running = await start(t);
  const { env, client, resources, request } = running;
  await resources.add(servableWidget());
  await client.create(widgets, widget('a'));
  const rows = async () => {
    const answer = (await request('GET', collection, { accept: table })).body as {
      columnDefinitions?: { name: string }[];
      rows?: { cells: unknown[] }[];
    };
    return [answer.columnDefinitions?.map(({ name }) => name), answer.rows?.map(({ cells }) => cells)];
  };
  assert.deepEqual(await rows(), [['Name', 'Size', 'Age'], [['a', 'small', '0s']]]);
  const [watch, other] = [follow(running, widgets), follow(running, configMaps)];
  await eventually(env, 'the first object', () => watch.seen.length === 1 || undefined);
  const note = { name: 'note', type: string };
  await resources.replace(
    servableWidget([note], {
      printer: {
        columns: [nameColumn, column('Note'), ageColumn],
        cells: (object) => [object.metadata?.name, object.spec?.note ?? '<none>', '0s'],
      },
      selectableFields: ({ spec }) => ({ 'spec.note': spec?.note ?? '' }),
    }),
  );
  await eventually(env, 'the end of the watch', () => watch.isOver || undefined);
  assert.deepEqual(await rows(), [['Name', 'Note', 'Age'], [['a', '<none>', '0s']]]);
  await client.patch(widgets, { namespace, name: 'a' }, 'merge', { spec: { note: 'hi' } });
  const noted = await client.list(widgets, { namespace, fieldSelector: 'spec.note=hi' });
  assert.equal(noted.items.length, 1);
  await assert.rejects(
    client.list(widgets, { namespace, fieldSelector: 'spec.size=small' }),
    /not supported/,
  );
  assert.match((await request('GET', '/openapi/v3/apis/example.com/v1')).text, /"note"/);
  await client.create(configMaps, { metadata: { name: 'c', namespace } });
  await eventually(env, 'the other watch', () => other.seen.length === 1 || undefined);
  assert.deepEqual([other.seen, other.isOver], [['ADDED c'], false]);
});

test('a kind – that is replaced with other hooks – what is written and deleted from then on meets them', async (t) => {
  const { client, resources } = await start(t);
  const done: string[] = [];
  const hooksOf = (name: string): StorageHooks => ({
    ...widgets,
    begin: async ({ metadata }) => {
      done.push(`${name} begins ${metadata?.name}`);
      return { undo: async () => {}, done: async () => {} };
    },
    afterDelete: async ({ metadata }) => void done.push(`${name} after ${metadata?.name}`),
  });
  await resources.add({ ...servableWidget(), hooks: hooksOf('first') });
  await client.create(widgets, widget('a'));
  await resources.replace({ ...servableWidget(), hooks: hooksOf('second') });
  await client.create(widgets, widget('b'));
  await client.delete(widgets, { namespace, name: 'a' });
  await resources.replace(servableWidget());
  await client.delete(widgets, { namespace, name: 'b' });
  assert.deepEqual(done, ['first begins a', 'second begins b', 'second after a']);
});

test('a kind – whose schema does not list its resource – is served: the definition comes with the kind', async (t) => {
  const { client, resources } = await start(t);
  const { schema, ...servable } = servableWidget();
  await resources.add({ ...servable, schema: { ...schema, resource: () => undefined } });
  assert.equal((await client.create(widgets, widget('a'))).spec?.replicas, 1);
});

test('a kind that is replaced – while a watch waits for where it begins – that watch ends too', async (t) => {
  const running = await start(t);
  const { client, resources } = running;
  await resources.add(servableWidget());
  const { metadata } = await client.create(widgets, widget('a'));
  const future = String(Number(metadata.resourceVersion) + 1);
  const events = client.watch(widgets, { namespace, resourceVersion: future })[Symbol.asyncIterator]();
  const next = events.next();
  await resources.replace(servableWidget());
  for (const name of ['b', 'c']) await client.create(widgets, widget(name));
  assert.deepEqual(await next, { value: undefined, done: true });
});

test('a kind – that is removed – is gone everywhere, its watches end; one that comes back has its objects', async (t) => {
  const running = await start(t);
  const { env, client, resources, request } = running;
  await resources.add(servableWidget());
  await client.create(widgets, widget('a'));
  const [watch, other] = [follow(running, widgets), follow(running, configMaps)];
  await eventually(env, 'the first object', () => watch.seen.length === 1 || undefined);
  const metrics = async () => (await request('GET', '/metrics')).text;
  assert.match(await metrics(), /^apiserver_storage_objects\{resource="widgets.example.com"\} 1$/m);
  await resources.remove(widgets);
  await eventually(env, 'the end of the watch', () => watch.isOver || undefined);
  assert.doesNotMatch(await metrics(), /storage_objects\{resource="widgets/);
  for (const path of [
    collection,
    `${collection}/a`,
    '/apis/example.com',
    '/openapi/v3/apis/example.com/v1',
  ]) {
    await t.test(path, async () => {
      assert.equal((await request('GET', path)).code, 404, path);
    });
  }
  assert.doesNotMatch((await request('GET', '/openapi/v2')).text, /com\.example/);
  assert.doesNotMatch((await request('GET', '/apis')).text, /example\.com/);
  assert.throws(() => resources.of(widgets), /not served/);
  await resources.add(servableWidget());
  const { items } = await client.list(widgets, { namespace });
  assert.deepEqual(
    items.map(({ metadata }) => metadata.name),
    ['a'],
  );
  assert.equal(other.isOver, false);
});

test('a version – the second of a kind – shows the same objects, and goes without them', async (t) => {
  const running = await start(t);
  const { env, client, resources, request } = running;
  await resources.add(servableWidget());
  await resources.add(servableWidgetV2());
  await client.create(widgets, widget('a'));
  const [first, second] = [follow(running, widgets), follow(running, widgetsV2)];
  const other = await client.create(widgetsV2, widget('b', { note: 'new' }));
  assert.deepEqual([other.apiVersion, other.spec?.note], ['example.com/v2', 'new']);
  assert.equal((await client.get(widgets, { namespace, name: 'b' })).apiVersion, 'example.com/v1');
  await eventually(
    env,
    'both watches',
    () => (first.seen.length === 2 && second.seen.length === 2) || undefined,
  );
  const discovered = (await request('GET', '/apis/example.com')).body as { versions?: { version: string }[] };
  assert.deepEqual(
    discovered.versions?.map(({ version }) => version),
    ['v2', 'v1'],
  );
  await resources.remove(widgetsV2);
  await eventually(env, 'the end of its watch', () => second.isOver || undefined);
  assert.equal((await request('GET', '/apis/example.com/v2')).code, 404);
  assert.equal((await client.list(widgets, { namespace })).items.length, 2);
});

test('changes that cannot be – served already, not served, another scope – fail and change nothing', async (t) => {
  const { client, resources } = await start(t);
  await assert.rejects(resources.replace(servableWidget()), /not served: example.com\/v1\/widgets/);
  await assert.rejects(resources.remove(widgets), /not served/);
  await assert.rejects(
    resources.add(servableWidget([], { storageFolder: 'configmaps' })),
    /example.com\/v1\/widgets would be stored where \/v1\/configmaps is/,
  );
  const [first, second] = await Promise.allSettled([
    resources.add(servableWidget()),
    resources.add(servableWidget()),
  ]);
  assert.deepEqual([first.status, second.status], ['fulfilled', 'rejected']);
  assert.equal((await client.list(widgets, { namespace })).items.length, 0);
});

test('kinds – that are added in another order – stand in the same order, behind those that are there from the start', async () => {
  const orders: string[][] = [];
  for (const kinds of [
    [servableWidget(), servableWidgetV2()],
    [servableWidgetV2(), servableWidget()],
  ]) {
    await using server = await startTestServer({ kinds });
    const names = server.server.resources.all.map(({ def }) => `${def.group}/${def.version}/${def.resource}`);
    orders.push(names);
    assert.deepEqual(names.slice(-2), ['example.com/v1/widgets', 'example.com/v2/widgets']);
  }
  assert.deepEqual(orders[0], orders[1]);
});
