import assert from 'node:assert/strict';
import { test } from 'node:test';
import { registryHosts } from './hosts.ts';
import { readRegistries } from './registries.ts';

const filesOf = (document: unknown) => Object.fromEntries(registryHosts(readRegistries(document)));

test('hosts – a mirror over plain HTTP – comes before the registry itself', () => {
  assert.deepEqual(filesOf({ mirrors: { 'docker.io': { endpoint: ['http://127.0.0.1:5000'] } } }), {
    'docker.io': `
[host."http://127.0.0.1:5000"]
capabilities = ["pull", "resolve"]
`,
    '127.0.0.1:5000': 'server = "http://127.0.0.1:5000"\n\n[host]\n',
  });
});

test('hosts – an endpoint with a path – is asked below exactly that path', () => {
  assert.deepEqual(
    filesOf({ mirrors: { '*': { endpoint: ['https://m.example.com/v2/hub/'] } } })['_default'],
    `
[host."https://m.example.com/v2/hub"]
capabilities = ["pull", "resolve"]
override_path = true
`,
  );
});

test('hosts – certificates of a registry – hold for it, and for it as a mirror', () => {
  const tls = { ca_file: '/ca', cert_file: '/cert', key_file: '/key', insecure_skip_verify: true };
  const files = filesOf({
    mirrors: { 'docker.io': { endpoint: ['https://localhost:5000'] } },
    configs: { 'localhost:5000': { tls }, 'docker.io': { tls: { ca_file: '/hub' } } },
  });
  assert.deepEqual(files, {
    'docker.io': `server = "https://registry-1.docker.io"
ca = "/hub"

[host."https://localhost:5000"]
capabilities = ["pull", "resolve"]
ca = "/ca"
client = [["/cert", "/key"]]
skip_verify = true
`,
    'localhost:5000': `server = "https://localhost:5000"
ca = "/ca"
client = [["/cert", "/key"]]
skip_verify = true

[host]
`,
  });
});
