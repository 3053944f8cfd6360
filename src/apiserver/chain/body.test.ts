import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exchange } from '../request/exchange.ts';
import type { LargeYamlReader } from '../request/large-yaml.ts';
import { parseRequest } from '../request/parse-request.ts';
import { body } from './body.ts';

const parsed: string[] = [];
const reader = {
  read: async (_: Uint8Array, user: string) => {
    parsed.push(user);
    return { value: 'parsed' };
  },
} as unknown as LargeYamlReader;

function exchangeOf(path: string, headers: Record<string, string>, arriving: Uint8Array | undefined) {
  const request: Record<string, unknown> = { headers };
  const receive = async () => {
    request['body'] = arriving;
  };
  const info = parseRequest('POST', path);
  return { info, request, receive, user: { name: 'jane', groups: [] } } as unknown as Exchange;
}

const maps = '/api/v1/namespaces/a/configmaps';
const yaml = { 'content-type': 'application/yaml' };
const large = Buffer.from(`a: ${'b'.repeat(3_000_000)}`);

test('a body – of any kind – is received; only large YAML is parsed ahead, for the user whose request it is', async () => {
  const small = exchangeOf(maps, yaml, Buffer.from('a: b'));
  await body(reader).enter!(small);
  assert.equal(String(small.request.body), 'a: b');
  const json = exchangeOf(maps, { 'content-type': 'application/json' }, large);
  await body(reader).enter!(json);
  assert.deepEqual(parsed, []);
  const whole = exchangeOf(maps, yaml, large);
  await body(reader).enter!(whole);
  assert.deepEqual([parsed, whole.largeYaml], [['jane'], { value: 'parsed' }]);
});

test('the body – of a request to a proxy – is left to who passes it on', () => {
  const proxied = exchangeOf('/api/v1/namespaces/a/pods/p/proxy/x', yaml, large);
  assert.equal(body(reader).enter!(proxied), undefined);
  assert.equal(proxied.request.body, undefined);
});

test('a request – without a body – passes without a promise', () => {
  const { receive: _, ...exchange } = exchangeOf(maps, {}, undefined);
  assert.equal(body(reader).enter!(exchange as Exchange), undefined);
});
