/** Bodies of so many parts that reading them would stop the server for long: a 413, whatever the way in. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startTestServer, type TestServer } from '#testing/server/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
  await send('POST', maps, 'application/json', '{"metadata":{"name":"old"}}');
});
after(() => server.stop());

const maps = '/api/v1/namespaces/default/configmaps';
const manyKeys = 35_000;
const keys = Array.from({ length: manyKeys }, (_, i) => `"k${i}":"v"`).join(',');

async function send(method: string, path: string, type: string, body: string | Uint8Array) {
  const request = { method, path, headers: { 'content-type': type }, body: Buffer.from(body) };
  const response = await server.transport.request(request);
  const answer = JSON.parse(Buffer.concat([response.body as Uint8Array].flat()).toString());
  return { status: response.status, reason: answer.reason, message: answer.message };
}

const tooManyKeys = {
  status: 413,
  reason: 'RequestEntityTooLarge',
  message: 'Request entity too large: the body has more than 24576 different keys',
};

/** A ConfigMap in protobuf, of so many entries of `data`. */
function protobufMap(entries: number): Uint8Array {
  const field = (tag: number, bytes: Uint8Array) => Buffer.concat([Buffer.from([tag, bytes.length]), bytes]);
  const entry = field(0x12, field(0x0a, Buffer.from('key')));
  const raw = Buffer.concat(Array.from({ length: entries }, () => entry));
  const type = field(
    0x0a,
    Buffer.concat([field(0x0a, Buffer.from('v1')), field(0x12, Buffer.from('ConfigMap'))]),
  );
  const length = [(raw.length & 0x7f) | 0x80, ((raw.length >> 7) & 0x7f) | 0x80, (raw.length >> 14) & 0x7f];
  return Buffer.concat([Buffer.from('k8s\0'), type, Buffer.from([0x12, ...length]), raw]);
}

describe('a body of too many keys – each way in – is a 413', () => {
  const object = `{"metadata":{"name":"new"},"data":{${keys}}}`;
  const yaml = `data:\n${Array.from({ length: manyKeys }, (_, i) => `  k${i}: v`).join('\n')}`;
  const ways = [
    ['POST', maps, 'application/json', object],
    ['PUT', `${maps}/old`, 'application/json', object],
    ['POST', maps, 'application/yaml', yaml],
    ['POST', maps, 'application/vnd.kubernetes.protobuf', protobufMap(manyKeys)],
    ['PATCH', `${maps}/old`, 'application/merge-patch+json', `{"data":{${keys}}}`],
    ['PATCH', `${maps}/old`, 'application/strategic-merge-patch+json', `{"data":{${keys}}}`],
    [
      'PATCH',
      `${maps}/old`,
      'application/json-patch+json',
      `[{"op":"add","path":"/data","value":{${keys}}}]`,
    ],
    ['DELETE', `${maps}/old`, 'application/json', `{${keys}}`],
  ] as const;
  for (const [method, path, type, body] of ways) {
    test(`${method} ${type}`, async () => {
      assert.deepEqual(await send(method, path, type, body), tooManyKeys);
    });
  }
});

describe('a body of too many values – of each kind – is a 413', () => {
  for (const [element, tooMany] of [
    ['1', '131072 values'],
    ['{}', '50000 objects and lists'],
    ['[]', '50000 objects and lists'],
  ]) {
    test(`${element}`, async () => {
      const body = `[${`${element},`.repeat(600_000)}{}]`;
      const { status, message } = await send('POST', maps, 'application/json', body);
      assert.equal(status, 413);
      assert.equal(message, `Request entity too large: the body has more than ${tooMany}`);
    });
  }
});

test('an object of too many keys – grown patch by patch – is a 413', async () => {
  const grow = (prefix: string) => {
    const added = Array.from({ length: 20_000 }, (_, i) => `"${prefix}${i}-":"v"`).join(',');
    return send('PATCH', `${maps}/old`, 'application/merge-patch+json', `{"data":{${added}}}`);
  };
  assert.equal((await grow('a')).status, 200);
  const { status, message } = await grow('b');
  assert.equal(status, 413);
  assert.equal(message, 'Request entity too large: the object has more than 24576 different keys');
});
