import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultConfiguration, defaultRoute } from './dns-configuration.ts';
import { readKubeDnsMap } from './kube-dns-map.ts';

const read = (data: Record<string, string>) => readKubeDnsMap(data, 'cluster.local');

test('the ConfigMap kube-dns – empty – is the default', () =>
  assert.deepEqual(read({}), defaultConfiguration));

test('the ConfigMap kube-dns – with stub domains and name servers – is read', () => {
  const { routes } = read({
    stubDomains: '{"Acme.local": ["1.2.3.4"], "b.example": ["10.0.0.1:5353", "10.0.0.2"]}',
    upstreamNameservers: '["8.8.8.8", "8.8.4.4"]',
  });
  const server = (host: string, port = 53) => ({ host, port });
  assert.deepEqual(routes, [
    { ...defaultRoute, servers: [server('8.8.8.8'), server('8.8.4.4')] },
    { ...defaultRoute, zone: 'acme.local', servers: [server('1.2.3.4')] },
    { ...defaultRoute, zone: 'b.example', servers: [server('10.0.0.1', 5353), server('10.0.0.2')] },
  ]);
});

const rejected: readonly [string, Record<string, string>, RegExp][] = [
  ['no JSON', { stubDomains: '{' }, /^stubDomains: .*JSON/],
  ['an array of zones', { stubDomains: '[]' }, /^stubDomains: expected an object/],
  [
    'a server without its array',
    { stubDomains: '{"a.b": "1.2.3.4"}' },
    /^stubDomains\[a\.b\]: expected an array/,
  ],
  [
    'a name as server',
    { stubDomains: '{"a.b": ["ns.a.b"]}' },
    /^stubDomains\[a\.b\]: ns\.a\.b is no address/,
  ],
  ['no zone', { stubDomains: '{"a..b": ["1.2.3.4"]}' }, /^stubDomains: a\.\.b is no zone/],
  ['the cluster’s zone', { stubDomains: '{"x.cluster.local": ["1.2.3.4"]}' }, /is the cluster's own zone$/],
  [
    'four servers',
    { upstreamNameservers: '["1.1.1.1","1.1.1.2","1.1.1.3","1.1.1.4"]' },
    /more than 3 name servers$/,
  ],
  ['a number', { upstreamNameservers: '[7]' }, /^upstreamNameservers: 7 is no address/],
];

for (const [title, data, message] of rejected) {
  test(`the ConfigMap kube-dns – ${title} – is rejected`, () => assert.throws(() => read(data), { message }));
}
