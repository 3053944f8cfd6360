/** The server over real TLS: both protocols, certificates, compression, limits. */

import assert from 'node:assert/strict';
import { connect } from 'node:http2';
import { get, request } from 'node:https';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { configMaps } from '#api/generated/kinds.gen.ts';
import { ensurePki, memoryPkiStore, type Pki } from '#pki/pki.ts';
import { startTestServer } from '#testing/server/test-server.ts';

const server = await startTestServer({
  https: true,
  authorizers: [
    {
      name: 'admins',
      authorize: ({ user }) => ({
        decision: user.groups.includes('system:masters') ? 'allow' : 'noOpinion',
        reason: '',
      }),
    },
  ],
});
const { pki, port } = server;
after(() => server.stop());

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: Buffer;
}

function fetchHttp1(path: string, showing: Pki | false = pki, headers = {}, body?: Buffer): Promise<Answer> {
  const identity = showing ? { cert: showing.admin().certPem, key: showing.admin().keyPem } : {};
  const options = { port, path, headers, ca: pki.ca.certPem, agent: false as const, ...identity };
  return new Promise((resolve, reject) => {
    const outgoing = body
      ? request({ ...options, host: '127.0.0.1', method: 'POST' })
      : get({ ...options, host: '127.0.0.1' });
    outgoing.on('error', reject);
    outgoing.on('response', (message) => {
      const chunks: Buffer[] = [];
      message.on('data', (chunk) => chunks.push(chunk));
      message.on('end', () =>
        resolve({ status: message.statusCode!, headers: message.headers, body: Buffer.concat(chunks) }),
      );
    });
    if (body) outgoing.end(body);
  });
}

test("a client certificate – over TLS – is the caller's identity; without one he is anonymous", async () => {
  assert.equal((await fetchHttp1('/api/v1/pods')).status, 200);
  const anonymous = await fetchHttp1('/api/v1/pods', false);
  assert.equal(anonymous.status, 403);
  assert.match(
    JSON.parse(anonymous.body.toString()).message,
    /User "system:anonymous" cannot list resource "pods"/,
  );
});

test('a client certificate – of another authority – is refused, not ignored', async () => {
  const { clock, random } = server.env;
  const otherPki = await ensurePki({ store: memoryPkiStore(), clock, random });
  assert.equal((await fetchHttp1('/version', otherPki)).status, 401);
});

test('HTTP/2 – requests and a watch on one connection – are answered side by side', async () => {
  const { certPem: cert, keyPem: key } = pki.admin();
  const session = connect(`https://127.0.0.1:${port}`, { ca: pki.ca.certPem, cert, key });
  try {
    const stream = session.request({ ':path': '/api/v1/namespaces/h2/configmaps?watch=true' });
    const first = new Promise<string>((resolve) => stream.once('data', (data) => resolve(data.toString())));
    await new Promise((resolve) => stream.once('response', resolve));
    await server.client.create(configMaps, { metadata: { name: 'a', namespace: 'h2' } });
    assert.equal(JSON.parse(await first).type, 'ADDED');
    stream.close();
  } finally {
    session.destroy();
  }
});

test('a large list – for a client that accepts gzip – is compressed', async () => {
  for (let i = 0; i < 20; i++) {
    const data = { text: 'x'.repeat(10_000) };
    await server.client.create(configMaps, { metadata: { name: `big-${i}`, namespace: 'big' }, data });
  }
  const path = '/api/v1/namespaces/big/configmaps';
  const plain = await fetchHttp1(path);
  const small = await fetchHttp1(path, pki, { 'accept-encoding': 'gzip' });
  assert.equal(small.headers['content-encoding'], 'gzip');
  assert.deepEqual(gunzipSync(small.body), plain.body);
  assert.equal(JSON.parse(plain.body.toString()).items.length, 20);
});

test('a body – too large – is refused', async () => {
  const body = Buffer.alloc(4 * 1024 * 1024, ' ');
  const headers = { 'content-type': 'application/json', 'content-length': String(body.length) };
  const answer = await fetchHttp1('/api/v1/namespaces/a/configmaps', pki, headers, body);
  assert.equal(answer.status, 413);
});
