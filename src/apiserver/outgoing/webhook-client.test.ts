import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { nextTurn } from '#base/clock.ts';
import { systemEnv } from '#host/system-env.ts';
import { startTestWebhook, type TestWebhook, type WebhookReply } from '#testing/server/webhook-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { EndpointResolver } from './service-endpoint.ts';
import { WebhookClient, webhookAnswerMaxBytes } from './webhook-client.ts';

const { clock } = systemEnv();

function noService(): never {
  throw new Error('no service here');
}

function clientOf(t: TestContext, resolve: EndpointResolver = noService): WebhookClient {
  const client = new WebhookClient({ clock, resolve });
  t.after(() => client.close());
  return client;
}

async function start(t: TestContext, reply: WebhookReply, names?: string[]): Promise<TestWebhook> {
  const webhook = await startTestWebhook(reply, names);
  t.after(() => webhook[Symbol.asyncDispose]());
  return webhook;
}

const call = { timeoutMs: 10_000, sendsTimeout: true };

/** The message of the error, with the server's address taken out. */
async function errorOf(asked: Promise<unknown>, webhook?: { url: string }): Promise<string> {
  const error = await asked.then(
    () => assert.fail('it was answered'),
    (error: Error) => error,
  );
  return error.message.replaceAll(webhook?.url.slice('https://'.length) ?? '\0', 'HOST');
}

test('a webhook by URL – called twice – gets the document, upstream’s headers and the timeout, over one connection', async (t) => {
  const webhook = await start(t, () => ({ fine: true }));
  const client = clientOf(t);
  const target = { url: `${webhook.url}//a/./b/`, caPem: webhook.caPem };
  for (const _ of [1, 2]) {
    const answer = await client.post(target, '{"a":1}', { ...call, timeoutMs: 1500 });
    assert.equal(Buffer.from(answer.body).toString(), '{"fine":true}');
    // The connection is free in the next turn.
    await nextTurn(clock);
  }
  assert.deepEqual(
    webhook.asked.map(({ url, body, connection }) => ({ url, body, connection })),
    [1, 2].map(() => ({ url: '/a/b?timeout=2s', body: '{"a":1}', connection: 1 })),
  );
  const { accept, 'user-agent': agent, 'content-type': type } = webhook.asked[0]!.headers;
  assert.deepEqual(
    [accept, agent, type],
    ['application/json, */*', 'kube-apiserver-admission', 'application/json'],
  );
});

test('a webhook by service – resolved to an endpoint – is called there, with the service as the server name', async (t) => {
  const webhook = await start(t, () => ({}), ['hook.default.svc']);
  const client = clientOf(t, () => ({ host: '127.0.0.1', port: webhook.port }));
  const service = { namespace: 'default', name: 'hook', port: 443, path: '/p' };
  await client.post({ service, caPem: webhook.caPem }, '{}', call);
  assert.equal(webhook.asked[0]!.headers.host, 'hook.default.svc');
  const another = { ...service, name: 'other' };
  assert.equal(
    await errorOf(client.post({ service: another, caPem: webhook.caPem }, '{}', call)),
    'Post "https://other.default.svc:443/p?timeout=10s": tls: failed to verify certificate: x509: certificate is valid for hook.default.svc, not other.default.svc',
  );
});

test('a webhook by service – that has no endpoint – is an error with upstream’s message', async (t) => {
  const client = clientOf(t);
  const service = { namespace: 'default', name: 'hook', port: 8443 };
  assert.equal(
    await errorOf(client.post({ service }, '{}', call)),
    'Post "https://hook.default.svc:8443/?timeout=10s": no service here',
  );
});

test('a webhook without an answer – of each kind – is an error with Go’s message', async (t) => {
  const webhook = await start(t, (_, response) => void response.socket?.destroy());
  const client = clientOf(t);
  const { caPem, url } = webhook;
  const post = (target: { url: string; caPem?: string }) => client.post(target, '{}', call);
  assert.equal(await errorOf(post({ url, caPem }), webhook), 'Post "https://HOST/?timeout=10s": EOF');
  assert.equal(
    await errorOf(post({ url }), webhook),
    'Post "https://HOST/?timeout=10s": tls: failed to verify certificate: x509: certificate signed by unknown authority',
  );
  assert.equal(
    await errorOf(post({ url: url.replace('127.0.0.1', 'localhost'), caPem }), {
      url: webhook.url.replace('127.0.0.1', 'localhost'),
    }),
    'Post "https://HOST/?timeout=10s": tls: failed to verify certificate: x509: certificate is not valid for any names, but wanted to match localhost',
  );
  assert.equal(
    await errorOf(post({ url: 'https://127.0.0.1:1/', caPem })),
    'Post "https://127.0.0.1:1/?timeout=10s": dial tcp 127.0.0.1:1: connect: connection refused',
  );
});

test('a webhook that speaks HTTP without TLS – called – is an error with Go’s message', async (t) => {
  const plain = createServer((_, response) => void response.end());
  await new Promise<void>((done) => plain.listen(0, '127.0.0.1', done));
  t.after(() => plain.close());
  const url = `https://127.0.0.1:${(plain.address() as AddressInfo).port}`;
  assert.equal(
    await errorOf(clientOf(t).post({ url }, '{}', call), { url }),
    'Post "https://HOST/?timeout=10s": http: server gave HTTP response to HTTPS client',
  );
});

test('a webhook that hangs – until its timeout – is an error', async (t) => {
  const virtual = new VirtualClock();
  const arrived = Promise.withResolvers<void>();
  const webhook = await start(t, () => arrived.resolve());
  const client = new WebhookClient({ clock: virtual, resolve: noService });
  t.after(() => client.close());
  const asked = errorOf(client.post({ url: webhook.url, caPem: webhook.caPem }, '{}', call), webhook);
  await arrived.promise;
  virtual.advance(10_000);
  assert.equal(await asked, 'Post "https://HOST/?timeout=10s": context deadline exceeded');
});

test('a webhook – whose caller cancels – is canceled', async (t) => {
  const caller = new AbortController();
  const webhook = await start(t, () => caller.abort());
  const target = { url: webhook.url, caPem: webhook.caPem };
  const asked = clientOf(t).post(target, '{}', { ...call, signal: caller.signal });
  assert.equal(await errorOf(asked, webhook), 'Post "https://HOST/?timeout=10s": context canceled');
});

test('a webhook that answers without end – called – is an error at the limit of bytes', async (t) => {
  const webhook = await start(t, (_, response) => {
    const chunk = Buffer.alloc(1024 * 1024, ' ');
    const write = () => {
      while (response.write(chunk));
    };
    response.on('drain', write);
    write();
  });
  assert.equal(
    await errorOf(clientOf(t).post({ url: webhook.url, caPem: webhook.caPem }, '{}', call)),
    `unexpected error when reading response body. Please retry. Original error: the response is larger than ${webhookAnswerMaxBytes} bytes`,
  );
});

test('a webhook that answers with a code of failure – called – is an error as of upstream’s REST client', async (t) => {
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'not today', code: 418 };
  const rows: [code: number, type: string, body: string, message: string][] = [
    [404, 'text/plain', 'gone', 'the server could not find the requested resource'],
    [
      500,
      'text/plain',
      ' a "b"\n',
      'an error on the server ("a \\"b\\"") has prevented the request from succeeding',
    ],
    [
      500,
      'application/json',
      '{}',
      'an error on the server ("unknown") has prevented the request from succeeding',
    ],
    [
      302,
      'text/plain',
      '',
      'the server responded with the status code 302 but did not return more information',
    ],
    [403, 'text/plain', 'go away', 'go away'],
    [418, 'application/json', JSON.stringify(status), 'not today'],
  ];
  const webhook = await start(t, (request, response) => {
    const [code, type, body] = rows[Number(request.url.slice(1).split('?')[0])]!;
    response.writeHead(code, { 'content-type': type, location: 'https://127.0.0.1:1/' }).end(body);
  });
  const client = clientOf(t);
  for (const [i, [, , , message]] of rows.entries()) {
    await t.test(message, async () => {
      const target = { url: `${webhook.url}/${i}`, caPem: webhook.caPem };
      assert.equal(await errorOf(client.post(target, '{}', call)), message);
    });
  }
});
