import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#wire/json/value.ts';
import { readKubeletConfiguration } from './kubelet-configuration.ts';

const read = (section: JsonObject) => readKubeletConfiguration(section).staticPods;

test('the address of manifests – with headers and an interval – is read', () => {
  const section = {
    staticPodURL: 'https://manifests.example:8443/node1',
    staticPodURLHeader: { 'X-Token': ['a', 'b'], Accept: ['application/json'] },
    httpCheckFrequency: '1m',
    fileCheckFrequency: '0s',
  };
  assert.deepEqual(read(section), {
    path: undefined,
    intervalMs: 20_000,
    address: {
      url: 'https://manifests.example:8443/node1',
      headers: [
        ['X-Token', 'a'],
        ['X-Token', 'b'],
        ['Accept', 'application/json'],
      ],
      intervalMs: 60_000,
    },
  });
});

test('an address of manifests – without more – is asked every 20 seconds', () => {
  const address = { url: 'http://m/', headers: [], intervalMs: 20_000 };
  assert.deepEqual(read({ staticPodURL: 'http://m/' }).address, address);
});

const invalid: [what: string, section: JsonObject, error: string | RegExp][] = [
  [
    'a path',
    { staticPodURL: '/etc/manifests' },
    'kubelet: staticPodURL is "/etc/manifests", which is no address of HTTP or HTTPS',
  ],
  [
    'an address of files',
    { staticPodURL: 'file:///etc/manifests' },
    'kubelet: staticPodURL is "file:///etc/manifests", which is no address of HTTP or HTTPS',
  ],
  [
    'a header with one text',
    { staticPodURL: 'http://m/', staticPodURLHeader: { 'X-Token': 'a' } },
    'kubelet: staticPodURLHeader is {"X-Token":"a"}, which is not a mapping of lists of texts',
  ],
];

for (const [what, section, message] of invalid) {
  test(`the address of manifests – ${what} – is refused`, () =>
    assert.throws(() => read(section), { message }));
}
