import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { startTestServer } from '#testing/server/test-server.ts';

async function ask(session: ClientHttp2Session): Promise<unknown> {
  const stream = session.request({ ':path': '/metrics' });
  const [{ ':status': status }] = await once(stream, 'response');
  await once(stream.resume(), 'end');
  return status;
}

test('/metrics – two requests that come together, and a later one – are written once, and again', async (t) => {
  const { url, pki, stop } = await startTestServer({
    https: true,
    authenticators: [{ name: 'test', authenticate: () => ({ name: 'admin', groups: ['system:masters'] }) }],
  });
  t.after(stop);
  const session = connect(url, { ca: pki.ca.certPem });
  t.after(() => session.destroy());
  await once(session, 'connect');
  const written = t.mock.method(Registry.prototype, 'metrics');
  assert.deepEqual(await Promise.all([ask(session), ask(session)]), [200, 200]);
  assert.equal(written.mock.callCount(), 1);
  await ask(session);
  assert.equal(written.mock.callCount(), 2);
});

test('/metrics – a caller inside the process that asks twice in one turn – gets what happened in between', async (t) => {
  const { transport, stop } = await startTestServer();
  t.after(stop);
  const written = t.mock.method(Registry.prototype, 'metrics');
  const asked = () => transport.request({ method: 'GET', path: '/metrics', headers: {} });
  await Promise.all([asked(), asked()]);
  assert.equal(written.mock.callCount(), 2);
});
