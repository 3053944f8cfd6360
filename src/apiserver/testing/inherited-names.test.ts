/**
 * Texts of callers that are names of what every JavaScript object inherits: they mean as little as any other
 * text.
 */

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { startTestServer } from '#testing/server/test-server.ts';

const server = await startTestServer();
after(() => server.stop());

const inherited = ['constructor', 'toString', '__proto__', 'hasOwnProperty'];
const maps = '/api/v1/namespaces/default/configmaps';

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await server.transport.request({
    method,
    path,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined
      ? {}
      : { body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) }),
  });
  const bytes: Uint8Array[] = [];
  for await (const piece of [response.body].flat() as AsyncIterable<Uint8Array> | Uint8Array[]) {
    bytes.push(piece);
  }
  return { status: response.status, text: Buffer.concat(bytes).toString() };
}

describe('a patch – a content type that objects inherit – 415', () => {
  for (const type of inherited) {
    test(type, async () => {
      const { status } = await ask('PATCH', `${maps}/a`, {}, { 'content-type': type });
      assert.equal(status, 415);
    });
  }
});

describe('a field selector – a name that objects inherit – 400', () => {
  for (const name of inherited) {
    test(name, async (t) => {
      for (const path of ['/api/v1/pods', maps]) {
        await t.test(path, async () => {
          const { status, text } = await ask('GET', `${path}?fieldSelector=${name}%3Dx`);
          assert.equal(status, 400, `${path} ${name}: ${text}`);
        });
      }
    });
  }
});

describe('paths, methods, scopes, operators and types – that objects inherit – are no failure of the server', () => {
  const meta = { name: 'a' };
  for (const name of inherited) {
    test(name, async () => {
      const quota = { metadata: meta, spec: { hard: { pods: '1' }, scopes: [name] } };
      const matchExpressions = [{ scopeName: name, operator: name }];
      const selected = { metadata: meta, spec: { hard: { pods: '1' }, scopeSelector: { matchExpressions } } };
      const answers = [
        await ask('GET', `/${name}`),
        await ask('GET', `/apis/${name}/${name}/${name}`),
        await ask('GET', `${maps}/a/${name}`),
        await ask('POST', '/api/v1/namespaces/default/resourcequotas', quota),
        await ask('POST', '/api/v1/namespaces/default/resourcequotas', selected),
      ];
      assert.deepEqual(
        answers.map(({ status }) => status),
        [404, 404, 404, 422, 422],
      );
    });
  }
});

test('a ConfigMap – the key __proto__ in its data – comes back as any other key, after a patch too', async () => {
  const text = '{"metadata":{"name":"p"},"data":{"__proto__":"1","constructor":"2"}}';
  assert.equal((await ask('POST', maps, text)).status, 201);
  const type = { 'content-type': 'application/strategic-merge-patch+json' };
  assert.equal((await ask('PATCH', `${maps}/p`, '{"data":{"__proto__":"3"}}', type)).status, 200);
  const { text: read } = await ask('GET', `${maps}/p`);
  assert.match(read, /"data":\{"__proto__":"3","constructor":"2"\}/);
});

test('lists at the same time – selectors that look like one when put together – each has its own answer', async () => {
  const queries = ['labelSelector=a%7C&fieldSelector=', 'labelSelector=a&fieldSelector=%7C'];
  const answers = await Promise.all(queries.map((query) => ask('GET', `${maps}?${query}`)));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [400, 400],
  );
});
