/** Exec, logs and nodes/proxy through an API server to a kubelet that the test plays. */

import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request as httpsRequest, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { nodes, pods, roleBindings, roles } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import type { Pki } from '#pki/pki.ts';
import { adminUser, createDefaultAccount, startTestServer } from '#testing/server/test-server.ts';

const execQuery = 'command=echo&command=hi&stdin=true&stdout=true&container=a';

/** A kubelet's HTTPS server: it trusts the API server's client certificate and echoes the request. */
async function startKubelet(
  t: TestContext,
  pki: Pki,
): Promise<{ port: number; asked: string[]; broken: EventEmitter }> {
  const { certPem, keyPem } = pki.kubeletServing('n1', ['127.0.0.1']);
  const asked: string[] = [];
  const broken = new EventEmitter();
  const server: Server = createServer(
    { cert: certPem, key: keyPem, ca: pki.ca.certPem, requestCert: true, rejectUnauthorized: true },
    (request, response) => {
      asked.push(request.url ?? '');
      if (request.url === '/count') return void count(request, response, broken);
      if (request.url?.includes('/waiting/')) {
        response.writeHead(400).end('container "a" in pod "waiting" is waiting to start: ContainerCreating');
      } else {
        response.writeHead(200, { 'content-type': 'text/plain' });
        response.write('line 1\n');
        response.end(`${request.headers['authorization'] ?? 'no token'}\n`);
      }
    },
  );
  const sockets = new WebSocketServer({ server, handleProtocols: (offered) => [...offered][0] ?? false });
  sockets.on('connection', (socket, request) => {
    asked.push(request.url ?? '');
    socket.on('message', (data: RawData) => socket.send(data));
  });
  t.after(() => {
    server.closeAllConnections();
    sockets.close();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, asked, broken };
}

/** Answers with the length of the body; reports an incomplete one. */
function count(request: IncomingMessage, response: ServerResponse, broken: EventEmitter): void {
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  request.once('end', () => response.end(String(bytes)));
  request.once('data', () => broken.emit('begun'));
  request.once('error', () => broken.emit('cut'));
}

async function start(t: TestContext) {
  const api = await startTestServer({ setup: 'kubernetes', https: true });
  t.after(api.stop);
  const { pki, server, client, as } = api;
  const kubelet = await startKubelet(t, pki);
  await createDefaultAccount(client);
  const node = await client.create(nodes, { metadata: { name: 'n1' } });
  await client.updateStatus(nodes, {
    ...node,
    status: {
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      daemonEndpoints: { kubeletEndpoint: { Port: kubelet.port } },
    },
  });
  const place = (name: string, containers: string[], nodeName?: string) =>
    client.create(pods, {
      metadata: { name, namespace: 'default' },
      spec: {
        containers: containers.map((container) => ({ name: container, image: 'i' })),
        ...(nodeName ? { nodeName } : {}),
      },
    } as Pod);
  return { api, pki, server, kubelet, client, place, as };
}

function connect(url: string, pki: Pki): WebSocket {
  const { certPem: cert, keyPem: key } = pki.admin();
  return new WebSocket(url.replace('https', 'wss'), ['v5.channel.k8s.io'], { cert, key, ca: pki.ca.certPem });
}

test('exec – over WebSocket – passes through the API server to the kubelet', async (t) => {
  const { api, pki, kubelet, place } = await start(t);
  await place('web', ['a', 'b'], 'n1');
  const path = '/api/v1/namespaces/default/pods/web/exec';
  const socket = connect(`${api.url}${path}?${execQuery}`, pki);
  t.after(() => socket.terminate());
  await once(socket, 'open');
  assert.equal(socket.protocol, 'v5.channel.k8s.io');
  assert.deepEqual(kubelet.asked, ['/exec/default/web/a?input=1&output=1&command=echo&command=hi']);
  socket.send(Buffer.from('\0hello'));
  const [echoed] = (await once(socket, 'message')) as [Buffer];
  assert.equal(echoed.toString(), '\0hello');

  const unnamed = connect(`${api.url}${path}?command=ls`, pki);
  const [, refusal] = await once(unnamed, 'unexpected-response');
  assert.equal(refusal.statusCode, 400);
  const body = JSON.parse(Buffer.concat(await refusal.toArray()).toString());
  assert.equal(body.message, 'a container name must be specified for pod web, choose one of: [a b]');
});

test('logs – of a pod – come from the kubelet, its refusals unchanged; a pod without a node has none', async (t) => {
  const { server, kubelet, place } = await start(t);
  await place('web', ['a'], 'n1');
  await place('waiting', ['a'], 'n1');
  await place('nowhere', ['a']);
  const transport = server.transport(adminUser);
  const log = async (name: string, query = '') => {
    const path = `/api/v1/namespaces/default/pods/${name}/log${query}`;
    const answer = await transport.request({
      method: 'GET',
      path,
      headers: { authorization: 'Bearer mine' },
    });
    if (!('start' in answer.body)) return { ...answer, text: Buffer.concat([answer.body].flat()).toString() };
    const { body } = answer;
    const chunks: Uint8Array[] = [];
    await new Promise<void>((end, fail) =>
      body.start({
        write: (chunk) => {
          chunks.push(chunk);
          return true;
        },
        end,
        fail,
        onDrain() {},
        onClose() {},
      }),
    );
    return { ...answer, text: Buffer.concat(chunks).toString() };
  };
  const web = await log('web', '?tailLines=5&follow=false&timestamps=true');
  assert.equal(web.text, 'line 1\nno token\n');
  assert.deepEqual(kubelet.asked, ['/containerLogs/default/web/a?timestamps=true&tailLines=5&stream=All']);
  const waiting = JSON.parse((await log('waiting')).text);
  assert.equal(waiting.message, 'container "a" in pod "waiting" is waiting to start: ContainerCreating');
  assert.equal(waiting.reason, 'BadRequest');
  assert.equal((await log('nowhere')).text, '');
  assert.equal((await log('web', '?container=x')).status, 400);
  assert.equal((await log('web', '?tailLines=-1')).status, 422);
});

test('nodes/proxy – any method – is passed on with query and body', async (t) => {
  const { api, pki, kubelet } = await start(t);
  const { certPem: cert, keyPem: key } = pki.admin();
  const ask = (method: string, path: string) =>
    new Promise<{ status: number; location?: string }>((resolve, reject) => {
      const { port } = api;
      const identity = { ca: pki.ca.certPem, cert, key };
      const target = { host: '127.0.0.1', port, path: `/api/v1/nodes/n1/proxy${path}` };
      const request = httpsRequest({ ...target, ...identity, method, agent: false }, (response) => {
        response.resume();
        const { location } = response.headers;
        response.once('end', () =>
          resolve({ status: response.statusCode!, ...(location ? { location } : {}) }),
        );
      });
      request.once('error', reject);
      request.end(method === 'POST' ? '{}' : undefined);
    });
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
  for (const method of methods) {
    await t.test(method, async () => {
      assert.equal((await ask(method, '/some/path?x=1')).status, 200, method);
    });
  }
  assert.deepEqual(new Set(kubelet.asked), new Set(['/some/path?x=1']));
  assert.equal(kubelet.asked.length, methods.length);
  const passedOn: [asked: string, got: string][] = [
    ['/', '/'],
    ['/folder/', '/folder/'],
    ['/a%20b/c%2Fd?e=%2f', '/a%20b/c/d?e=%2f'],
    ['/twice//slashed', '/twice/slashed'],
    ['/metrics/../pods', '/pods'],
    ['/metrics/%2e%2e%2fpods', '/pods'],
    ['/../../../pods', '/pods'],
    ['/%2541', '/%2541'],
  ];
  for (const [path] of passedOn) assert.equal((await ask('GET', path)).status, 200, path);
  assert.deepEqual(
    kubelet.asked.slice(methods.length),
    passedOn.map(([, got]) => got),
  );
  assert.deepEqual(await ask('GET', ''), { status: 301, location: '/api/v1/nodes/n1/proxy/' });
});

test('nodes/proxy – a body longer than an object may be – passes it on as it comes, and one that breaks off as such', async (t) => {
  const { api, pki, kubelet } = await start(t);
  const { certPem: cert, keyPem: key } = pki.admin();
  const { port } = api;
  const options = { host: '127.0.0.1', port, ca: pki.ca.certPem, cert, key, agent: false, method: 'POST' };
  const part = Buffer.alloc(1024 * 1024, 'x');
  const whole = httpsRequest({ ...options, path: '/api/v1/nodes/n1/proxy/count' });
  const answered = once(whole, 'response');
  for (let i = 0; i < 5; i++) whole.write(part);
  whole.end();
  const [answer] = await answered;
  assert.equal(Buffer.concat(await answer.toArray()).toString(), String(5 * part.length));
  const broken = httpsRequest({ ...options, path: '/api/v1/nodes/n1/proxy/count' });
  broken.on('error', () => undefined);
  const begun = once(kubelet.broken, 'begun');
  const cutOff = once(kubelet.broken, 'cut');
  broken.write(part);
  await begun;
  broken.destroy();
  await cutOff;
});

test('exec over a WebSocket – with the right to get alone – is forbidden', async (t) => {
  const { api, client, place, pki } = await start(t);
  await place('web', ['a'], 'n1');
  await client.create(roles, {
    metadata: { name: 'reader', namespace: 'default' },
    rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods/exec'] }],
  });
  await client.create(roleBindings, {
    metadata: { name: 'reader', namespace: 'default' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'jane' }],
  });
  const { certPem: cert, keyPem: key } = pki.leaf('jane', { commonName: 'jane', usages: ['clientAuth'] });
  const url = `${api.url.replace('https', 'wss')}/api/v1/namespaces/default/pods/web/exec?command=ls`;
  const socket = new WebSocket(url, ['v5.channel.k8s.io'], { cert, key, ca: pki.ca.certPem });
  const [, refusal] = await once(socket, 'unexpected-response');
  assert.equal(refusal.statusCode, 403);
  const body = JSON.parse(Buffer.concat(await refusal.toArray()).toString());
  assert.match(
    body.message,
    /cannot create resource "pods\/exec" in API group "" in the namespace "default"/,
  );
});

test("our credentials – a node's status names the API server as its kubelet – are not led there", async (t) => {
  const { api, client, server } = await start(t);
  const node = await client.create(nodes, { metadata: { name: 'liar' } });
  await client.updateStatus(nodes, {
    ...node,
    status: {
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      daemonEndpoints: { kubeletEndpoint: { Port: api.port } },
    },
  });
  const transport = server.transport(adminUser);
  const path = '/api/v1/nodes/liar/proxy/api/v1/namespaces/default/secrets';
  const { status, body } = await transport.request({ method: 'GET', path, headers: {} });
  assert.equal(status, 503);
  assert.match(
    Buffer.concat([body as Uint8Array].flat()).toString(),
    /the certificate of .+ is not a kubelet's/,
  );
});
