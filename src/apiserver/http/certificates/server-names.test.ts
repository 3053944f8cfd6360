import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemEnv } from '#host/system-env.ts';
import { ensurePki, memoryPkiStore } from '#pki/pki.ts';
import { byServerName, dnsNamesIn } from './server-names.ts';

const pki = await ensurePki({ ...systemEnv(), store: memoryPkiStore() });

function certificate(commonName: string, dnsNames: readonly string[], names: readonly string[] = []) {
  const { certPem, keyPem } = pki.leaf(`${commonName} ${dnsNames}`, {
    commonName,
    dnsNames,
    usages: ['serverAuth'],
  });
  return { cert: certPem, key: keyPem, names };
}

const first = certificate('first', ['a.example.com', 'shared.example.com']);
const second = certificate('second.example.com', ['shared.example.com', '*.wild.example.com']);
const third = certificate('third', ['ignored.example.com'], ['a.example.com', '*.set.example.com']);
const nameOf = new Map([first, second, third].map(({ cert }, index) => [cert, index + 1]));

// biome-ignore format: a table
for (const [asked, given] of [
  ['shared.example.com', 1],
  ['SHARED.example.com.', 1],
  ['second.example.com', 2],
  ['x.wild.example.com', 2],
  ['x.y.wild.example.com', undefined],
  ['a.example.com', 3],
  ['b.set.example.com', 3],
  ['ignored.example.com', undefined],
  ['first', 1],
  ['other.example.com', undefined],
] as const) {
  test(`a client that asks for ${asked} – gets the certificate ${given ?? 'that all others get'}`, () => {
    const find = byServerName([first, second, third], ({ cert }) => nameOf.get(cert));
    assert.equal(find(asked), given);
  });
}

test('alternative names – of DNS beside URIs that hold what looks like one – are those of DNS', () => {
  const text =
    'DNS:a, URI:http://x/DNS:b, URI:"http://x/, DNS:c, \\", DNS:d", IP Address:0:0:0:0:0:0:0:1, DNS:*.e';
  assert.deepEqual(dnsNamesIn(text), ['a', '*.e']);
});
