/** The answers of kubelets and backends that the API server passes on, upgrades among them, as raw bytes. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { nodes, pods } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import { createDefaultAccount, startTestServer } from '#testing/server/test-server.ts';

interface Backend {
  /** The backend's answer to the first bytes of a connection. */
  answer: string;
  /** All bytes that the backend received. */
  readonly heard: string[];
  /** Connections that are open still. */
  readonly open: Set<TLSSocket>;
}

/** An API server with a node whose kubelet gives the answer of the test. */
async function start(t: TestContext) {
  const api = await startTestServer({ setup: 'kubernetes', https: true });
  t.after(api.stop);
  const { pki, client } = api;
  const { certPem, keyPem } = pki.kubeletServing('n1', ['127.0.0.1']);
  const backend: Backend = { answer: '', heard: [], open: new Set() };
  const kubelet = createServer({ cert: certPem, key: keyPem }, (socket) => {
    backend.open.add(socket);
    socket.on('close', () => backend.open.delete(socket));
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write(backend.answer, 'latin1'));
    socket.on('data', (chunk) => backend.heard.push(chunk.toString()));
  });
  kubelet.listen(0, '127.0.0.1');
  await once(kubelet, 'listening');
  t.after(() => {
    for (const socket of backend.open) socket.destroy();
    kubelet.close();
  });
  await createDefaultAccount(client);
  const node = await client.create(nodes, { metadata: { name: 'n1' } });
  await client.updateStatus(nodes, {
    ...node,
    status: {
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      daemonEndpoints: { kubeletEndpoint: { Port: (kubelet.address() as AddressInfo).port } },
    },
  });
  await client.create(pods, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { nodeName: 'n1', containers: [{ name: 'a', image: 'i' }] },
  } as Pod);
  const { certPem: cert, keyPem: key } = pki.admin();
  const { port } = api;
  /** Sends `text`, and `later` once something was answered; resolves with all that came until the end. */
  const say = async (text: string, later = ''): Promise<string> => {
    const socket = connect({ host: '127.0.0.1', port: Number(port), ca: pki.ca.certPem, cert, key });
    t.after(() => socket.destroy());
    socket.on('error', () => undefined);
    let answer = '';
    socket.on('data', (chunk) => {
      if (answer === '') socket.write(later);
      answer += chunk.toString('latin1');
    });
    socket.write(text);
    await once(socket, 'close');
    return answer;
  };
  const get = (path = '/x') =>
    say(`GET /api/v1/nodes/n1/proxy${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  return { backend, say, get };
}

const messageIn = (answer: string) =>
  JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)).message as string;
const upgradeHead = 'Host: x\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n';
const upgrades = {
  proxy: `GET /api/v1/nodes/n1/proxy/x HTTP/1.1\r\n${upgradeHead}`,
  exec: `POST /api/v1/namespaces/default/pods/web/exec?command=ls&stdout=true HTTP/1.1\r\n${upgradeHead}`,
  portforward: `POST /api/v1/namespaces/default/pods/web/portforward?ports=80 HTTP/1.1\r\n${upgradeHead}`,
};
const smuggled = 'DELETE /everything HTTP/1.1\r\nHost: x\r\n\r\n';

for (const [what, request] of Object.entries(upgrades)) {
  test(`${what}: an upgrade that the backend answers without a 101 – an error, and nothing more passes`, async (t) => {
    const { backend, say } = await start(t);
    for (const code of [200, 204, 302]) {
      await t.test(`${code}`, async () => {
        backend.answer = `HTTP/1.1 ${code} Fine\r\nContent-Length: 0\r\n\r\n`;
        const answer = await say(request, smuggled);
        assert.match(answer, /^HTTP\/1\.1 500 /);
        assert.equal(messageIn(answer), `invalid upgrade response: status code ${code}`);
      });
    }
    for (const code of [400, 403, 503]) {
      await t.test(`${code}`, async () => {
        backend.answer = `HTTP/1.1 ${code} Refused\r\nX-Why: me\r\nContent-Length: 3\r\n\r\nwhy`;
        assert.match(
          await say(request, smuggled),
          new RegExp(`^HTTP/1.1 ${code} Refused\r\n[\\s\\S]*\r\n\r\nwhy$`),
        );
      });
    }
    assert.ok(!backend.heard.join('').includes('DELETE'));
    while (backend.open.size > 0) await once([...backend.open][0]!, 'close');
  });

  test(`${what}: an upgrade that the backend agrees to – bytes both ways until one side ends`, async (t) => {
    const { backend, say } = await start(t);
    backend.answer = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\nhi';
    const said = say(request, 'ho');
    while (!backend.heard.join('').endsWith('ho')) await new Promise((resolve) => setImmediate(resolve));
    for (const socket of backend.open) socket.end('bye');
    assert.match(await said, /^HTTP\/1\.1 101 [\s\S]*\r\n\r\nhibye$/);
  });
}

const unreachable = (why: string) => `error trying to reach service: ${why}`;
const broken = (why: string) => unreachable(`net/http: HTTP/1.x transport connection broken: ${why}`);
const refusals: readonly (readonly [string, string, number, string])[] = [
  [
    'a 101 that was not requested',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nabc',
    500,
    'backend tried to switch protocol "x" when "" was requested',
  ],
  [
    'a status below 100',
    'HTTP/1.1 099 OK\r\nContent-Length: 1\r\n\r\nx',
    503,
    unreachable('malformed HTTP status code "099"'),
  ],
  [
    'interim answers without end',
    'HTTP/1.1 102 Processing\r\n\r\n'.repeat(1000),
    503,
    unreachable('too many 1xx informational responses'),
  ],
  ['no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n', 503, broken('Parse Error: Expected HTTP/, RTSP/ or ICE/')],
];

for (const [what, answer, code, message] of refusals) {
  test(`a backend that answers with ${what} – ${code}`, async (t) => {
    const { backend, get } = await start(t);
    backend.answer = answer;
    const got = await get();
    assert.match(got, new RegExp(`^HTTP/1.1 ${code} `));
    assert.equal(messageIn(got), message);
  });
}

test('cookies, privacy and lines of one connection – in a proxied answer – are passed on as upstream does', async (t) => {
  const { backend, get } = await start(t);
  const lines = [
    'Set-Cookie: a=b; Expires=Thu, 01 Jan 2099 00:00:00 GMT',
    'Set-Cookie: c=d',
    'Cache-Control: public',
    'Audit-Id: spoofed',
    'Connection: X-Hop',
    'X-Hop: 1',
    'X-Long: '.padEnd(200_000, 'x'),
    'Content-Length: 2',
  ];
  backend.answer = `HTTP/1.1 200 OK\r\n${lines.join('\r\n')}\r\n\r\nhi`;
  const answer = (await get()).toLowerCase();
  assert.match(answer, /\r\n\r\nhi$/);
  assert.match(answer, /set-cookie: a=b; expires=thu, 01 jan 2099 00:00:00 gmt\r\nset-cookie: c=d\r\n/);
  assert.match(answer, /cache-control: no-cache, private, public\r\n/);
  assert.match(answer, /content-length: 2\r\n/);
  assert.doesNotMatch(answer, /x-hop|spoofed/);
  assert.match(backend.heard.join('').toLowerCase(), /x-forwarded-for: 127\.0\.0\.1\r\n/);
});
