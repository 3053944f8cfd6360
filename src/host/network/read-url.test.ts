import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { readUrl } from './read-url.ts';

async function served(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const request = { headers: [], bytesMax: 100, timeoutMs: 5000 };

test('an address – asked with headers, also with one twice – gets them, and its answer is read', async (t) => {
  const url = await served(t, ({ headers }, response) => response.end(String(headers['x-token'])));
  const headers = [
    ['X-Token', 'a'],
    ['X-Token', 'b'],
  ] as const;
  assert.deepEqual(await readUrl({ ...request, url, headers }), {
    status: 200,
    statusLine: '200 OK',
    body: 'a, b',
  });
});

test('an address – that has nothing there – says so', async (t) => {
  const url = await served(t, (_, response) => response.writeHead(404).end('no'));
  const { status, statusLine } = await readUrl({ ...request, url });
  assert.deepEqual([status, statusLine], [404, '404 Not Found']);
});

test('an address – whose answer never ends – is given up at the bound', { timeout: 20_000 }, async (t) => {
  const url = await served(t, (_, response) => {
    const more = () => response.write('x'.repeat(50)) && setImmediate(more);
    response.on('error', () => undefined);
    more();
  });
  await assert.rejects(readUrl({ ...request, url }), { message: 'the answer has more than 100 bytes' });
});

test('an address – that does not answer – is given up in time', { timeout: 20_000 }, async (t) => {
  const url = await served(t, () => undefined);
  await assert.rejects(readUrl({ ...request, url, timeoutMs: 50 }), /timeout/i);
});

test('an address – at which nothing listens – is named by its fault', async () => {
  await assert.rejects(readUrl({ ...request, url: 'http://127.0.0.1:1/' }), /ECONNREFUSED|bad port/);
});
