import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { httpGet } from './probe-sockets.ts';

/** Answers each path with its status and location. */
async function serve(t: TestContext, answers: Record<string, [status: number, location?: string]>) {
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    const [status, location] = answers[request.url ?? ''] ?? [404];
    response.writeHead(status, location === undefined ? {} : { location });
    response.end(`at ${request.url}`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const get = (path: string) =>
    httpGet({ scheme: 'http', host: '127.0.0.1', port, path, headers: [], timeoutMs: 60_000 });
  return { get, asked: () => asked };
}

test('HTTP probe – redirects – are followed on the same host; one to another host counts as it is', async (t) => {
  const { get } = await serve(t, {
    '/': [302, '/there?a=b'],
    '/there?a=b': [200],
    '/away': [302, 'http://0.0.0.0/'],
    '/nowhere': [302],
    '/same': [304, '/'],
  });
  assert.deepEqual(await get('/'), { status: 200, body: 'at /there?a=b', location: undefined });
  for (const [path, status] of [
    ['/away', 302],
    ['/nowhere', 302],
    ['/same', 304],
  ] as const) {
    await t.test(path, async () => {
      assert.equal((await get(path)).status, status);
    });
  }
});

test('HTTP probe – a redirect loop – fails after ten requests', async (t) => {
  const { get, asked } = await serve(t, { '/': [307, '/'] });
  await assert.rejects(get('/'), { message: 'Get "/": stopped after 10 redirects' });
  assert.equal(asked(), 10);
});
