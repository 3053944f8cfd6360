import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TokenRequest } from '#api/generated/types.gen.ts';
import { silentLog } from '#base/log.ts';
import type { Client } from '#client/client.ts';
import { systemRandom } from '#host/system-env.ts';
import { storedPod } from '#testing/objects.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { TokenCache } from './token-cache.ts';

const pod = storedPod('p', { metadata: { namespace: 'd', uid: 'u' } });
const minuteMs = 60_000;

function setUp() {
  const clock = new VirtualClock();
  let count = 0;
  let away = false;
  const client = {
    async createSubresource(...[, , , body]: Parameters<Client['createSubresource']>) {
      if (away) throw new Error('away');
      const { expirationSeconds = 0 } = (body as TokenRequest).spec ?? {};
      const expirationTimestamp = new Date(clock.now() + expirationSeconds * 1000).toISOString();
      return { status: { token: `token-${++count}`, expirationTimestamp } };
    },
  } as unknown as Client;
  const cache = new TokenCache({ clock, random: systemRandom, log: silentLog }, client);
  const get = (expirationSeconds: number, audience?: string) =>
    cache.get(pod, { expirationSeconds, ...(audience ? { audience } : {}) });
  return {
    clock,
    cache,
    get,
    goAway: () => {
      away = true;
    },
  };
}

test('a token – until four fifths of its life are over – is kept', async () => {
  const { clock, get } = setUp();
  assert.equal(await get(3600), 'token-1');
  await clock.advance(47 * minuteMs);
  assert.equal(await get(3600), 'token-1');
  await clock.advance(minuteMs);
  assert.equal(await get(3600), 'token-2');
});

test('a token – of any life – is kept for a day at most', async () => {
  const { clock, get } = setUp();
  await get(30 * 24 * 3600);
  await clock.advance(24 * 60 * minuteMs);
  assert.equal(await get(30 * 24 * 3600), 'token-2');
});

test("an expiring token – no new one can be had – is kept; a removed pod's tokens go", async () => {
  const { clock, cache, get, goAway } = setUp();
  await get(3600);
  goAway();
  await clock.advance(50 * minuteMs);
  assert.equal(await get(3600), 'token-1');
  cache.forget('u');
  await assert.rejects(get(3600), /away/);
});

test('tokens – of other audiences or expiration times – are kept apart', async () => {
  const { get } = setUp();
  const all = [await get(3600), await get(3600, 'vault'), await get(7200), await get(3600, 'vault')];
  assert.deepEqual(all, ['token-1', 'token-2', 'token-3', 'token-2']);
});
