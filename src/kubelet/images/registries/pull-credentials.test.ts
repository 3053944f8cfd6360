import assert from 'node:assert/strict';
import { test } from 'node:test';
import { credentialsFor } from './pull-credentials.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const secret = (...places: string[]) => ({
  type: 'kubernetes.io/dockerconfigjson',
  data: {
    '.dockerconfigjson': base64(
      JSON.stringify({
        auths: Object.fromEntries(places.map((place) => [place, { auth: base64(`${place}:pass`) }])),
      }),
    ),
  },
});

const table: [image: string, places: string[], expected: string[]][] = [
  ['example.org/web', ['example.org'], ['example.org']],
  ['example.org/web', ['https://example.org/v1/'], ['https']],
  ['example.org/web', ['example.org:5000', 'other.org'], []],
  ['example.org:5000/web', ['example.org:5000'], ['example.org']],
  ['a.example.org/web', ['*.example.org', 'example.org'], ['*.example.org']],
  [
    'example.org/team/web',
    ['example.org', 'example.org/team', 'example.org/else'],
    ['example.org/team', 'example.org'],
  ],
  ['web', ['https://index.docker.io/v1/', 'example.org'], ['https']],
];

for (const [image, places, expected] of table) {
  test(`credentials for ${image} – secrets for ${places.join()} – are tried from the most exact place`, () => {
    const found = credentialsFor(image, [secret(...places)]);
    assert.deepEqual(
      found.map(({ credentials }) => credentials.username),
      expected,
    );
  });
}

test('pull secrets – older forms, names beside passwords, malformed ones – are read or ignored as upstream', () => {
  const old = {
    type: 'kubernetes.io/dockercfg',
    data: { '.dockercfg': base64('{"example.org":{"username":"u","password":"p"}}') },
  };
  const rubbish = { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': base64('{') } };
  assert.deepEqual(credentialsFor('example.org/web', [rubbish, old]), [
    {
      credentials: { username: 'u', password: 'p', identityToken: '' },
      secret: { namespace: '', name: '', uid: '' },
    },
  ]);
});
