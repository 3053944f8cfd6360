import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeCredentials, rewrittenNames } from './names.ts';
import { readRegistries } from './registries.ts';

const registries = readRegistries({
  mirrors: {
    'docker.io': {
      endpoint: ['https://m.example.com:5000', 'https://n.example.com/v2/team'],
      rewrite: { '^library/(.*)': 'hub/$1' },
    },
    '*': { endpoint: ['https://every.example.com'] },
  },
  configs: {
    'm.example.com:5000': { auth: { username: 'm', password: 'p' } },
    'docker.io': { auth: { username: 'd', password: 'p' } },
  },
});
const digest = `sha256:${'a'.repeat(64)}`;

// biome-ignore format: a table
for (const { image, names } of [
  { image: 'web', names: ['m.example.com:5000/hub/web', 'n.example.com/team/hub/web'] },
  { image: 'web:1.2', names: ['m.example.com:5000/hub/web:1.2', 'n.example.com/team/hub/web:1.2'] },
  { image: `web:1@${digest}`, names: [`m.example.com:5000/hub/web:1@${digest}`, `n.example.com/team/hub/web:1@${digest}`] },
  { image: 'team/web:1', names: [] },
  { image: 'localhost:5000/library/web', names: [] },
  { image: 'W!', names: [] },
]) {
  test(`${image} – with a mirror that rewrites library/ – is also ${names.join(', ') || 'nothing else'}`, () => {
    assert.deepEqual(rewrittenNames(registries, image).map(({ name }) => name), names);
  });
}

test('a rewritten name – of an endpoint with a password – has it', () => {
  assert.deepEqual(
    rewrittenNames(registries, 'web').map(({ credentials }) => credentials?.username),
    ['m', undefined],
  );
});

// biome-ignore format: a table
for (const { image, found } of [
  { image: 'web', found: ['m for https://m.example.com:5000', 'd for https://registry-1.docker.io'] },
  { image: 'm.example.com:5000/web', found: ['m for https://m.example.com:5000'] },
  { image: 'other.example.com/web', found: [] },
  { image: 'W!', found: [] },
]) {
  test(`the node's passwords – for ${image} – are ${found.join(', ') || 'none'}`, () => {
    const credentials = nodeCredentials(registries, image);
    assert.deepEqual(credentials.map(({ username, serverAddress }) => `${username} for ${serverAddress}`), found);
  });
}
