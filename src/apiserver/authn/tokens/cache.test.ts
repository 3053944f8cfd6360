import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandom } from '#host/system-env.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { BadToken, type TokenAuthenticator } from '../../contract/authentication.ts';
import { outcomeOf } from '../../testing/authentication.ts';
import { cachedTokens } from './cache.ts';
import { TokenCacheMetrics } from './token-metrics.ts';

const nowMs = Date.parse('2026-05-05T12:00:00Z');

test('a cache – of a token authenticator – calls it once while the entry lasts, and never caches an error', async () => {
  const clock = new VirtualClock(nowMs);
  let asked = 0;
  const kind: TokenAuthenticator = {
    name: 'distant',
    async authenticate(token) {
      asked++;
      if (token === 'bad') throw new BadToken('bad');
      return token === 'good' ? { user: { name: 'jane', groups: [] }, audiences: ['api'] } : undefined;
    },
  };
  const metrics = new TokenCacheMetrics(clock);
  const env = { clock, random: systemRandom };
  const cached = cachedTokens(kind, { env, knownMs: 1000, unknownMs: 500, metrics });
  const ask = (token: string, audiences = ['api']) => outcomeOf(cached, token, audiences);
  await Promise.all([ask('good'), ask('good')]);
  await ask('good');
  assert.equal(asked, 1);
  await ask('good', ['vault']);
  assert.equal(asked, 2);
  await ask('other');
  await ask('other');
  assert.equal(asked, 3);
  assert.deepEqual([await ask('bad'), await ask('bad')], ['bad', 'bad']);
  assert.equal(asked, 5);
  await clock.advance(600);
  await Promise.all([ask('good'), ask('other')]);
  assert.equal(asked, 6);
  const [, requests, fetches, active] = metrics.metrics.map((metric) => [...metric.readings()]);
  assert.deepEqual(requests, [
    [{ status: 'hit' }, 3],
    [{ status: 'miss' }, 7],
  ]);
  assert.deepEqual(fetches, [
    [{ status: 'ok' }, 4],
    [{ status: 'error' }, 2],
  ]);
  assert.deepEqual(active, [
    [{ status: 'in_flight' }, 0],
    [{ status: 'blocked' }, 0],
  ]);
});

test('a cached token – when the wall clock is set back – is forgotten all the same', async () => {
  const clock = new VirtualClock(nowMs);
  let isRevoked = false;
  const kind: TokenAuthenticator = {
    name: 'distant',
    authenticate: async () => (isRevoked ? undefined : { user: { name: 'jane', groups: [] }, audiences: [] }),
  };
  const metrics = new TokenCacheMetrics(clock);
  const env = { clock, random: systemRandom };
  const cached = cachedTokens(kind, { env, knownMs: 1000, unknownMs: 500, metrics });
  assert.ok(await cached.authenticate('good', []));
  isRevoked = true;
  clock.jump(-3_600_000);
  await clock.advance(1000);
  assert.equal(await cached.authenticate('good', []), undefined);
});
