import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConfigurationError } from '../error.ts';
import { readRegistries, rewritten } from './registries.ts';

test('registries – a mirror with endpoints, one without a scheme – are URLs in their order', () => {
  const { mirrors } = readRegistries({
    mirrors: { 'docker.io': { endpoint: ['http://mirror:5000', 'other.example.com/v2/hub'] }, '*': {} },
  });
  assert.deepEqual(
    mirrors['docker.io']?.endpoints.map(({ href }) => href),
    ['http://mirror:5000/', 'https://other.example.com/v2/hub'],
  );
  assert.deepEqual(mirrors['*'], { endpoints: [], rewrites: [] });
});

test('registries – a password in each of its forms, and certificates – are read', () => {
  const auth = Buffer.from('ann:a:b').toString('base64');
  const tls = { ca_file: '/ca', cert_file: '/cert', key_file: '/key', insecure_skip_verify: true };
  const { hosts } = readRegistries({
    configs: {
      'a:5000': { auth: { username: 'ann', password: 'secret' } },
      b: { auth: { auth }, tls },
      c: { auth: { identity_token: 'token' } },
    },
  });
  assert.deepEqual(hosts, {
    'a:5000': { auth: { username: 'ann', password: 'secret', identityToken: '' } },
    b: {
      auth: { username: 'ann', password: 'a:b', identityToken: '' },
      tls: { caFile: '/ca', certFile: '/cert', keyFile: '/key', skipVerify: true },
    },
    c: { auth: { username: '', password: '', identityToken: 'token' } },
  });
});

test('registries – an empty file – are none', () => {
  assert.deepEqual(readRegistries(undefined), { mirrors: {}, hosts: {} });
});

// biome-ignore format: a table
for (const { title, rewrite, repository, expected } of [
  { title: 'a group of the pattern', rewrite: { '^library/(.*)': 'hub/$1' }, repository: 'library/web', expected: 'hub/web' },
  { title: 'a pattern that does not match', rewrite: { '^team/(.*)': 'x/$1' }, repository: 'library/web', expected: 'library/web' },
  { title: 'two that match', rewrite: { '^library/': 'first/', web: 'second' }, repository: 'library/web', expected: 'first/web' },
]) {
  test(`a rewrite – ${title} – gives ${expected}`, () => {
    const { mirrors } = readRegistries({ mirrors: { 'docker.io': { rewrite } } });
    const mirror = mirrors['docker.io'];
    assert.ok(mirror);
    assert.equal(rewritten(mirror, repository), expected);
  });
}

// biome-ignore format: a table
for (const { document, message, hint } of [
  { document: [], message: 'the file is not a mapping', hint: undefined },
  { document: { mirror: {} }, message: 'the file has an unknown field "mirror"', hint: 'the nearest known one is mirrors' },
  { document: { mirrors: { a: { endpoints: [] } } }, message: 'mirrors["a"] has an unknown field "endpoints"', hint: 'the nearest known one is endpoint' },
  { document: { mirrors: { a: { endpoint: 'b' } } }, message: 'mirrors["a"].endpoint is not a list of URLs', hint: undefined },
  { document: { mirrors: { a: { endpoint: ['ftp://b'] } } }, message: 'mirrors["a"].endpoint[0] is "ftp://b", which is no http or https URL', hint: undefined },
  { document: { mirrors: { '../../etc': {} } }, message: 'mirrors has "../../etc", which is no registry', hint: 'name a host, with its port if it has one: registry.example.com:5000' },
  { document: { configs: { '*': {} } }, message: 'configs has "*", which is no registry', hint: 'name a host, with its port if it has one: registry.example.com:5000' },
  { document: { mirrors: { a: { rewrite: { '(': 'b' } } } }, message: 'mirrors["a"].rewrite: "(": error parsing regexp: missing closing ): `(`', hint: undefined },
  { document: { configs: { a: { auth: { auth: 'bm8=' } } } }, message: 'configs["a"].auth.auth is not the base64 of a name and a password with a colon between', hint: undefined },
  { document: { configs: { a: { tls: { ca_file: 'ca.pem' } } } }, message: 'configs["a"].tls.ca_file is "ca.pem", which is no absolute path', hint: undefined },
  { document: { configs: { a: { tls: { cert_file: '/c' } } } }, message: 'configs["a"].tls has only one of cert_file and key_file', hint: undefined },
  { document: { configs: { a: { tls: { insecure_skip_verify: 'yes' } } } }, message: 'configs["a"].tls.insecure_skip_verify is neither true nor false', hint: undefined },
]) {
  test(`registries – ${JSON.stringify(document)} – are refused`, () => {
    assert.throws(
      () => readRegistries(document),
      (error: ConfigurationError) => {
        assert.deepEqual([error.message, error.hint], [message, hint]);
        return true;
      },
    );
  });
}
