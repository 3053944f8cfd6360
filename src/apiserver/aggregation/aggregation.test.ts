/** An extension API server behind this one: requests, identity, discovery, OpenAPI, availability. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:https';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { apiServices, services } from '#api/generated/kinds.gen.ts';
import type { APIServiceCondition } from '#api/generated/types.gen.ts';
import { conditionOf } from '#api/meta/conditions.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { resourceType } from '#api/meta/resource.ts';
import { bodyBytes, bodyText } from '#client/transport/body.ts';
import type { ApiRequest, Transport } from '#client/transport/transport.ts';
import {
  type ExtensionServer,
  extensionGroup,
  json,
  registerExtension,
  startExtensionServer,
} from '#testing/server/extension-server.ts';
import { startTestServer, type TestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';

const name = `v1.${extensionGroup}`;
const root = `/apis/${extensionGroup}/v1`;
const gadgets = resourceType<AnyObject>(extensionGroup, 'v1', 'gadgets', 'Gadget', true);

async function start(
  t: TestContext,
  clock?: VirtualClock,
): Promise<{ api: TestServer; extension: ExtensionServer }> {
  const env = clock ? { clock } : {};
  const api = await startTestServer({ setup: 'kubernetes', https: true, env });
  t.after(api.stop);
  const extension = await startExtensionServer();
  t.after(() => extension[Symbol.asyncDispose]());
  return { api, extension };
}

async function startRegistered(t: TestContext, clock?: VirtualClock) {
  const started = await start(t, clock);
  await registerExtension(started.api.client, started.extension);
  await condition(started.api, ({ reason }) => reason === 'Passed');
  return started;
}

/** Without what this server asks on its own behalf. */
function ofCallers({ asked }: ExtensionServer) {
  const own = ['system:kube-aggregator', 'system:aggregator'];
  return asked.filter(({ headers }) => !own.includes(String(headers['x-remote-user'])));
}

/** The condition Available, as soon as it is so. */
async function condition(
  { client }: TestServer,
  isIt: (condition: APIServiceCondition) => boolean,
): Promise<APIServiceCondition> {
  const abort = new AbortController();
  const { metadata } = await client.list(apiServices);
  const seen = (object: Parameters<typeof conditionOf>[0]) => conditionOf(object, 'Available') as never;
  const now = seen((await client.get(apiServices, { name })).status);
  if (now && isIt(now)) return now;
  const { resourceVersion = '' } = metadata ?? {};
  for await (const { object } of client.watch(apiServices, { resourceVersion, signal: abort.signal })) {
    const found =
      object.metadata?.name === name
        ? seen((object as typeof object & AnyObject)['status'] as never)
        : undefined;
    if (found && isIt(found)) return found;
  }
  throw new Error('the watch has ended');
}

async function ask(transport: Transport, asked: Partial<ApiRequest> & { path: string }) {
  const answer = await transport.request({ method: 'GET', headers: {}, ...asked });
  return { status: answer.status, headers: answer.headers, text: await bodyText(answer) };
}

test('a request for another server’s group – of any verb – reaches it with its path, query, body and the caller’s identity', async (t) => {
  const { api, extension } = await startRegistered(t);
  extension.reply = (_, response) => json(response, 201, { kind: 'Gadget', metadata: { name: 'a' } });
  const user = {
    name: 'jäne',
    uid: '7',
    groups: ['system:masters', 'system:authenticated'],
    extra: { 'example.com/a b': ['1', '2'] },
  };
  const path = `${root}/namespaces/default/gadgets/a%20b/status?y=%2F&x=1+2`;
  const headers = {
    'content-type': 'application/json',
    authorization: 'Bearer secret',
    'x-remote-user': 'eve',
  };
  const body = Buffer.from('{"spec":1}');
  const answer = await ask(api.server.transport(user), { method: 'PUT', path, headers, body });
  assert.deepEqual([answer.status, answer.text], [201, '{"kind":"Gadget","metadata":{"name":"a"}}']);
  const [asked] = ofCallers(extension);
  const url = path.replace('y=%2F&x=1+2', 'x=1+2&y=%2F');
  assert.deepEqual([asked!.method, asked!.url, asked!.body], ['PUT', url, '{"spec":1}']);
  assert.equal(asked!.headers['x-forwarded-host'], `localhost:${extension.port}`);
  assert.equal(asked!.proxy, 'front-proxy-client');
  const identity = asked!.rawHeaders.flatMap((header, i, all) =>
    i % 2 === 0 && header.startsWith('X-Remote') ? [`${header}: ${Buffer.from(all[i + 1]!, 'latin1')}`] : [],
  );
  assert.deepEqual(identity, [
    'X-Remote-User: jäne',
    'X-Remote-Uid: 7',
    'X-Remote-Group: system:masters',
    'X-Remote-Group: system:authenticated',
    'X-Remote-Extra-example.com%2Fa%20b: 1',
    'X-Remote-Extra-example.com%2Fa%20b: 2',
  ]);
  assert.equal(asked!.headers.authorization, undefined);
  assert.equal(asked!.headers['audit-id'], answer.headers['audit-id']);
});

test('a request for another server’s group – that the caller may not make – is refused here', async (t) => {
  const { api, extension } = await startRegistered(t);
  const { status, text } = await ask(api.server.transport({ name: 'jane', groups: [] }), {
    path: `${root}/namespaces/default/gadgets`,
  });
  assert.equal(status, 403);
  assert.match(text, /gadgets.ext.example.com is forbidden: User \\"jane\\" cannot list/);
  assert.deepEqual(ofCallers(extension), []);
});

test('a watch of another server’s objects – event after event – reaches the caller as they come', async (t) => {
  const { api, extension } = await startRegistered(t);
  const opened = Promise.withResolvers<(type: string) => void>();
  const closed = Promise.withResolvers<void>();
  extension.reply = ({ url }, response) => {
    if (!url.includes('watch=')) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    response.on('close', () => closed.resolve());
    opened.resolve((type) => {
      response.write(`${JSON.stringify({ type, object: { kind: 'Gadget', metadata: { name: 'a' } } })}\n`);
    });
  };
  const abort = new AbortController();
  const events = api.client.watch(gadgets, {
    namespace: 'default',
    resourceVersion: '1',
    signal: abort.signal,
  });
  const read = events[Symbol.asyncIterator]();
  const first = read.next();
  const send = await opened.promise;
  send('ADDED');
  assert.equal((await first).value?.type, 'ADDED');
  send('MODIFIED');
  assert.equal((await read.next()).value?.type, 'MODIFIED');
  abort.abort();
  await closed.promise;
});

test('a large body – over the network – is streamed to the extension server, without this server’s limit', async (t) => {
  const { api, extension } = await startRegistered(t);
  let length = 0;
  extension.reply = ({ body }, response) => {
    length = body.length;
    json(response, 200, {});
  };
  const { certPem: cert, keyPem: key } = api.pki.admin();
  const path = `${root}/namespaces/default/gadgets`;
  const to = { method: 'POST', host: '127.0.0.1', port: api.port, path, cert, key, ca: api.pki.ca.certPem };
  const sent = request(to);
  const answered = once(sent, 'response');
  const bytes = 5 * 1024 * 1024;
  sent.end(Buffer.alloc(bytes, ' '));
  const [answer] = await answered;
  assert.deepEqual([answer.statusCode, length], [200, bytes]);
});

test('a connection – that changes its protocol – is proxied with the caller’s identity', async (t) => {
  const { api, extension } = await startRegistered(t);
  const { certPem: cert, keyPem: key } = api.pki.admin();
  const path = `${root}/namespaces/default/gadgets/a/shell`;
  const headers = { connection: 'Upgrade', upgrade: 'echo' };
  const sent = request({
    host: '127.0.0.1',
    port: api.port,
    path,
    cert,
    key,
    ca: api.pki.ca.certPem,
    headers,
  });
  sent.end();
  const [, socket] = await once(sent, 'upgrade');
  socket.write('hello');
  const [chunk] = await once(socket, 'data');
  assert.equal(String(chunk), 'hello');
  socket.destroy();
  const [asked] = ofCallers(extension);
  assert.equal(asked!.headers['x-remote-user'], 'kubernetes-admin');
});

test('an extension server – that redirects – is not followed, and the redirect does not reach the caller', async (t) => {
  const { api, extension } = await startRegistered(t);
  extension.reply = (_, response) => response.writeHead(307, { location: 'https://evil.example' }).end();
  const { status, text, headers } = await ask(api.transport, { path: `${root}/gadgets` });
  const refused = 'the backend attempted to redirect this request, which is not permitted';
  assert.deepEqual([status, text, headers['location']], [502, refused, undefined]);
});

test('an extension server – that does not answer – its requests are 503 in plain text, its version is stale in discovery', async (t) => {
  const { api, extension } = await start(t);
  await registerExtension(api.client, { ...extension, port: 1 });
  const { status, message } = await condition(api, ({ reason }) => reason === 'FailedDiscoveryCheck');
  assert.equal(status, 'False');
  const url = `https://localhost:1${root}`;
  assert.ok(message!.startsWith(`failing or missing response from ${url}: Get "${url}": dial tcp `));
  assert.match(message!, /dial tcp (?:127\.0\.0\.1|\[::1\]):1: connect: connection refused$/);
  const answer = await ask(api.transport, { path: `${root}/gadgets` });
  assert.deepEqual([answer.status, answer.text], [503, 'service unavailable\n']);
  assert.match(answer.headers['content-type']!, /^text\/plain/);
  assert.deepEqual((await groupOf(api)).versions, [{ version: 'v1', freshness: 'Stale' }]);
  assert.match(await api.metrics(), /^aggregator_unavailable_apiservice{name="v1.ext.example.com"} 1$/m);
});

interface GroupDocument {
  readonly metadata: { readonly name?: string };
  readonly versions: readonly Record<string, unknown>[];
}

async function groupsOf({ transport }: TestServer): Promise<GroupDocument[]> {
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const { text } = await ask(transport, { path: '/apis', headers: { accept } });
  return JSON.parse(text).items;
}

async function groupOf(api: TestServer): Promise<GroupDocument> {
  return (await groupsOf(api)).find(({ metadata }) => metadata.name === extensionGroup)!;
}

/** Asks until it is so: the document of another server comes when that has answered. */
async function until<T>(read: () => Promise<T>, isIt: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await read();
    if (isIt(value)) return value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('discovery – of a server that has only the older lists – shows its resources in the order of priorities', async (t) => {
  const { api } = await startRegistered(t);
  const group = await until(
    () => groupOf(api),
    ({ versions }) => versions[0]?.['freshness'] === 'Current',
  );
  assert.deepEqual(group.versions, [
    {
      version: 'v1',
      resources: [
        {
          resource: 'gadgets',
          responseKind: { group: '', version: '', kind: 'Gadget' },
          scope: 'Namespaced',
          singularResource: 'gadget',
          verbs: ['create', 'delete', 'get', 'list', 'watch'],
          subresources: [
            {
              subresource: 'status',
              responseKind: { group: '', version: '', kind: 'Gadget' },
              verbs: ['get'],
            },
          ],
        },
      ],
      freshness: 'Current',
    },
  ]);
  // The metrics API has the lowest priority.
  assert.equal((await groupsOf(api)).at(-2)?.metadata.name, extensionGroup);
  const list = JSON.parse((await ask(api.transport, { path: '/apis' })).text);
  const entry = { groupVersion: `${extensionGroup}/v1`, version: 'v1' };
  const listed = { name: extensionGroup, versions: [entry], preferredVersion: entry };
  assert.deepEqual(list.groups.at(-2), listed);
  const document = JSON.parse((await ask(api.transport, { path: `/apis/${extensionGroup}` })).text);
  assert.deepEqual(document, { kind: 'APIGroup', apiVersion: 'v1', ...listed });
  assert.equal(
    JSON.parse((await ask(api.transport, { path: root })).text).groupVersion,
    `${extensionGroup}/v1`,
  );
});

test('OpenAPI – of an extension server – its paths are in version 2, its document of version 3 is proxied', async (t) => {
  const { api, extension } = await start(t);
  const path = `${root}/namespaces/{namespace}/gadgets`;
  const definitions = { Gadget: { type: 'object' }, Other: {} };
  const get = { responses: { 200: { description: 'OK', schema: { $ref: '#/definitions/Gadget' } } } };
  extension.documents.set('/openapi/v2', {
    swagger: '2.0',
    paths: { [path]: { get }, '/version/': {} },
    definitions,
  });
  const entry = { serverRelativeURL: `/openapi/v3/apis/${extensionGroup}/v1?hash=A` };
  extension.documents.set('/openapi/v3', { paths: { [`apis/${extensionGroup}/v1`]: entry } });
  extension.documents.set(`/openapi/v3/apis/${extensionGroup}/v1`, { openapi: '3.0.0', own: true });
  await registerExtension(api.client, extension);
  const read = async (at: string) => JSON.parse((await ask(api.transport, { path: at })).text);
  const index = await until(
    () => read('/openapi/v3'),
    ({ paths }) => Object.hasOwn(paths, `apis/${extensionGroup}/v1`),
  );
  assert.deepEqual(index.paths[`apis/${extensionGroup}/v1`], entry);
  assert.ok(index.paths['apis/apps/v1']);
  assert.deepEqual(await read(`/openapi/v3/apis/${extensionGroup}/v1`), { openapi: '3.0.0', own: true });
  const v2 = await read('/openapi/v2');
  assert.deepEqual(v2.paths[path], { get });
  assert.deepEqual([v2.definitions.Gadget, v2.definitions.Other], [{ type: 'object' }, undefined]);
});

test('OpenAPI – of an extension server that has version 2 only – is converted to version 3 here, and follows its changes', async (t) => {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const { api, extension } = await start(t, clock);
  const path = `${root}/namespaces/{namespace}/gadgets`;
  const schema = { $ref: '#/definitions/Gadget' };
  const get = { produces: ['application/json'], responses: { 200: { description: 'OK', schema } } };
  const document = {
    swagger: '2.0',
    info: { title: 'Gadgets', version: 'v1' },
    paths: { [path]: { get } },
    definitions: { Gadget: { type: 'object' } },
  };
  extension.documents.set('/openapi/v2', document);
  await registerExtension(api.client, extension);
  await condition(api, ({ reason }) => reason === 'Passed');
  const own = `apis/${extensionGroup}/v1`;
  const read = async (at: string) => JSON.parse((await ask(api.transport, { path: at })).text);
  const entryOf = async () => {
    await clock.advance(1000);
    return (await read('/openapi/v3')).paths[own];
  };
  const entry = await until(entryOf, (found) => found !== undefined);
  const reference = { schema: { $ref: '#/components/schemas/Gadget' } };
  assert.deepEqual(await read(entry.serverRelativeURL), {
    openapi: '3.0.0',
    info: { title: 'Gadgets', version: 'v1' },
    paths: {
      [path]: {
        get: { responses: { 200: { description: 'OK', content: { 'application/json': reference } } } },
      },
    },
    components: { schemas: { Gadget: { type: 'object' } } },
  });
  extension.documents.set('/openapi/v2', { ...document, definitions: { Gadget: { type: 'string' } } });
  const next = await until(entryOf, (found) => found.serverRelativeURL !== entry.serverRelativeURL);
  assert.deepEqual((await read(next.serverRelativeURL)).components.schemas, { Gadget: { type: 'string' } });
});

test('an answer of an extension server – compressed for who takes it – passes as it is', async (t) => {
  const { api, extension } = await startRegistered(t);
  const packed = gzipSync(JSON.stringify({ kind: 'GadgetList' }));
  extension.reply = ({ headers }, response) => {
    if (headers['accept-encoding'] !== 'gzip') return json(response, 200, { kind: 'GadgetList' });
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(packed);
  };
  const get = (headers: Record<string, string>) =>
    api.transport.request({ method: 'GET', path: `${root}/gadgets`, headers });
  const compressed = await get({ 'accept-encoding': 'gzip' });
  assert.equal(compressed.headers['content-encoding'], 'gzip');
  assert.deepEqual(Buffer.from(await bodyBytes(compressed)), packed);
  const plain = await get({});
  assert.equal(plain.headers['content-encoding'], undefined);
  assert.deepEqual(JSON.parse(await bodyText(plain)), { kind: 'GadgetList' });
});

test('an APIService – deleted – its group is no longer in discovery, and its paths are 404', async (t) => {
  const { api } = await startRegistered(t);
  await until(
    () => groupOf(api),
    ({ versions }) => versions[0]?.['freshness'] === 'Current',
  );
  await api.client.delete(apiServices, { name });
  assert.equal((await ask(api.transport, { path: root })).status, 404);
  assert.equal(await groupOf(api), undefined);
});

test('the service of an APIService – changed – the condition Available has the reason', async (t) => {
  const { api, extension } = await start(t);
  await registerExtension(api.client, extension);
  await condition(api, ({ reason }) => reason === 'Passed');
  const key = { namespace: 'default', name: 'extension' };
  await api.client.delete(services, key);
  const gone = await condition(api, ({ status }) => status === 'False');
  assert.deepEqual(
    [gone.reason, gone.message],
    ['ServiceNotFound', 'service/extension in "default" is not present'],
  );
  const ports = [{ port: 443 }];
  const created = await api.client.create(services, { metadata: { ...key }, spec: { ports } });
  const wrongPort = await condition(api, ({ reason }) => reason === 'ServicePortError');
  assert.equal(
    wrongPort.message,
    `service/extension in "default" is not listening on port ${extension.port}`,
  );
  await api.client.update(services, {
    ...created,
    spec: { ...created.spec, ports: [{ port: extension.port, targetPort: extension.port }] },
  });
  const noEndpoints = await condition(api, ({ reason }) => reason === 'EndpointsNotFound');
  assert.equal(noEndpoints.message, 'cannot find endpointslices for service/extension in "default"');
});

test('an answer – broken in its body on a connection that is used again – is not asked for a second time', async (t) => {
  const { api, extension } = await startRegistered(t);
  extension.reply = (_, response) => json(response, 200, {});
  await ask(api.transport, { path: `${root}/gadgets/first` });
  extension.reply = (_, response) => {
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
    response.socket!.write(`${head}2\r\nab\r\nno length\r\n`);
  };
  await assert.rejects(ask(api.transport, { path: `${root}/gadgets/broken` }));
  extension.reply = (_, response) => json(response, 200, {});
  await ask(api.transport, { path: `${root}/gadgets/last` });
  const urls = ofCallers(extension).map(({ url }) => url);
  assert.deepEqual(
    urls,
    ['first', 'broken', 'last'].map((gadget) => `${root}/gadgets/${gadget}`),
  );
});

test('a discovery document – that never ends – makes its server available, and is cut off after five seconds', async (t) => {
  const clock = new VirtualClock();
  const { api, extension } = await start(t, clock);
  extension.documents.clear();
  extension.reply = (_, response) => void response.writeHead(200).write('{');
  await registerExtension(api.client, extension);
  await condition(api, ({ reason }) => reason === 'Passed');
  const answer = await api.transport.request({ method: 'GET', headers: {}, path: root });
  assert.equal(answer.status, 200);
  await clock.advance(5000);
  await assert.rejects(bodyText(answer));
});
