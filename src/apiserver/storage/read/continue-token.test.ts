/** A continue token made by hand is read as Go would read it into upstream's struct. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyText } from '#client/transport/body.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { decodeContinue, encodeContinue } from './continue-token.ts';

/** How long a list waits for a revision to come. */
const waitMs = 3000;

const encoded = (json: string) => Buffer.from(json).toString('base64url');
const token = (fields: string) => encoded(`{"v":"meta.k8s.io/v1",${fields}}`);

test('a continue token – of its own making – comes back', () => {
  const given = { revision: 7, start: 'ns/a\0' };
  assert.deepEqual(decodeContinue(encodeContinue(given)), { ...given, revisionText: '7' });
});

const nines = '9'.repeat(400);
const field = (found: string, name: string, type: string) =>
  `json: cannot unmarshal ${found} into Go struct field continueToken.${name} of type ${type}`;
const refused: readonly (readonly [string, string])[] = [
  [token(`"rv":${nines},"start":"a"`), field(`number ${nines}`, 'rv', 'int64')],
  [token('"rv":9223372036854775808,"start":"a"'), field('number 9223372036854775808', 'rv', 'int64')],
  [token('"rv":1.5,"start":"a"'), field('number 1.5', 'rv', 'int64')],
  [token('"rv":1e3,"start":"a"'), field('number 1e3', 'rv', 'int64')],
  [token('"rv":"1","start":"a"'), field('string', 'rv', 'int64')],
  [token('"rv":1,"start":["a"]'), field('array', 'start', 'string')],
  [encoded('{"v":{},"rv":1,"start":"a"}'), field('object', 'v', 'string')],
  [encoded('[]'), 'json: cannot unmarshal array into Go value of type storage.continueToken'],
  [token('"start":"a"'), 'incorrect encoded start resourceVersion (version meta.k8s.io/v1)'],
  [token('"rv":1'), 'encoded start key empty (version meta.k8s.io/v1)'],
  ...['../a', 'a/../../b', 'a//b', './a', 'a/'].map(
    (start) => [token(`"rv":1,"start":"${start}"`), start] as const,
  ),
  [encoded('null'), 'server does not recognize this encoded version '],
];

for (const [text, why] of refused) {
  test(`a continue token – ${Buffer.from(text, 'base64url').toString().slice(0, 60)} – is refused`, () => {
    assert.throws(() => decodeContinue(text), {
      message: `invalid continue token: continue key is not valid: ${why}`,
    });
  });
}

test('a revision above what a number holds – in a query, in a token – is named as it was written', async (t) => {
  const clock = new VirtualClock();
  await using server = await startTestServer({ env: { clock } });
  const messageOf = async (query: string) => {
    const path = `/api/v1/configmaps?${query}`;
    const answer = await server.transport.request({ method: 'GET', path, headers: {} });
    return JSON.parse(await bodyText(answer)).message;
  };
  const queries = {
    'resourceVersion=18446744073709551615': '18446744073709551615',
    'resourceVersion=09007199254740993': '9007199254740993',
    [`limit=1&continue=${token('"rv":9007199254740993,"start":"a"')}`]: '9007199254740993',
  };
  const asked = Promise.all(Object.keys(queries).map(messageOf));
  await clock.advance(waitMs);
  const answers = await asked;
  const current = await server.store.newestRevision();
  for (const [i, [query, revision]] of Object.entries(queries).entries()) {
    await t.test(query, () => {
      assert.equal(answers[i], `Timeout: Too large resource version: ${revision}, current: ${current}`);
    });
  }
});
