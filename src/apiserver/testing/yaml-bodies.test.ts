/** Bodies of YAML: their errors, and the large ones, which a worker thread reads. */

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { startTestServer } from '#testing/server/test-server.ts';

const server = await startTestServer();
after(() => server.stop());

const path = '/api/v1/namespaces/default/configmaps';

async function post(yaml: string, query = '') {
  const headers = { 'content-type': 'application/yaml' };
  const request = { method: 'POST', path: path + query, headers, body: Buffer.from(yaml) };
  const response = await server.transport.request(request);
  const text = Buffer.concat([response.body as Uint8Array].flat()).toString();
  return { status: response.status, warning: response.headers['warning'], body: JSON.parse(text) };
}

const shown = (yaml: string) => Buffer.from(yaml).toString('hex');

describe('a body – of invalid YAML – is a 400 with go-yaml’s message', () => {
  for (const [yaml, why] of [
    ['a: *nope', "yaml: unknown anchor 'nope' referenced"],
    ['a: &a [*a]', "yaml: anchor 'a' value contains itself"],
    ['a: [1', "yaml: line 1: did not find expected ',' or ']'"],
    ['a: b: c', 'yaml: mapping values are not allowed in this context'],
    ['a: .inf', 'json: unsupported value: +Inf'],
    ['a: !!int x', 'yaml: cannot decode !!str `x` as a !!int'],
  ] as const) {
    test(yaml, async () => {
      const { status, body } = await post(yaml);
      const message = `the object provided is unrecognized (must be of type ConfigMap): ${why} (${shown(yaml)})`;
      assert.deepEqual([status, body.message], [400, message]);
    });
  }
});

test('a body – YAML of no object – is a 400', async () => {
  const { status, body } = await post('- 1');
  assert.equal(status, 400);
  assert.match(body.message, /: couldn't get version\/kind; json parse error: json: cannot unmarshal array /);
});

test('duplicate keys – in YAML – are reported with their lines', async () => {
  const yaml = 'metadata:\n  name: twice\ndata:\n  a: v\n  a: w\n  b: z\n  b: z\nfoo: 1\n';
  const strict = await post(yaml, '?fieldValidation=Strict');
  assert.equal(strict.status, 400);
  assert.equal(
    strict.body.message,
    'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: yaml: unmarshal errors:\n  line 5: key "a" already set in map\n  line 7: key "b" already set in map, unknown field "foo"',
  );
  const warned = await post(yaml);
  assert.equal(warned.status, 201);
  assert.equal(
    warned.warning,
    '299 - "line 5: key \\"a\\" already set in map", 299 - "line 7: key \\"b\\" already set in map", 299 - "unknown field \\"foo\\""',
  );
});

test('a large YAML body – valid or invalid – is answered as a small one', async () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => `  k${i}: "v"`);
  const made = await post(`metadata:\n  name: large\ndata:\n${lines.join('\n')}\n  k0: again\n`);
  assert.equal(made.status, 201);
  assert.equal(Object.keys(made.body.data).length, 20_000);
  assert.equal(made.body.data.k0, 'again');
  assert.match(made.warning!, /key \\"k0\\" already set in map/);
  const broken = await post(`${lines.join('\n')}\n  x: [`);
  assert.equal(broken.status, 400);
  assert.match(broken.body.message, /yaml: line 20001: did not find expected node content/);
});

test('large YAML bodies – many at once – are read in turn', async () => {
  const filling = '# nothing\n'.repeat(20_000);
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, i) => post(`${filling}metadata:\n  name: many-${i}\n`)),
  );
  assert.deepEqual(
    answers.map(({ status, body }) => [status, body.metadata.name]),
    Array.from({ length: 8 }, (_, i) => [201, `many-${i}`]),
  );
});
