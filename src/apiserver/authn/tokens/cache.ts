/**
 * Caches the results of a token authenticator that calls another program. Concurrent requests with the same token
 * share one call. The key is a keyed hash, since a token is a secret.
 */

import { createHmac } from 'node:crypto';
import { RecentMap } from '#base/collections/recent-map.ts';
import type { Env } from '#base/env.ts';
import type { KnownToken, TokenAuthenticator } from '../../contract/authentication.ts';
import type { TokenCacheMetrics } from './token-metrics.ts';

const entriesMax = 32_768;

export interface TokenCacheOptions {
  readonly env: Pick<Env, 'clock' | 'random'>;
  /** Of authenticated tokens; 0: not cached. */
  readonly knownMs: number;
  /** Of unknown tokens; errors are never cached. */
  readonly unknownMs: number;
  readonly metrics: TokenCacheMetrics;
}

interface Entry {
  readonly found: KnownToken | undefined;
  /** On the monotonic clock: a revoked token must not live on when the wall clock is set back. */
  readonly untilMs: number;
}

export function cachedTokens(
  authenticator: TokenAuthenticator,
  { env, knownMs, unknownMs, metrics }: TokenCacheOptions,
): TokenAuthenticator {
  const { clock } = env;
  const secret = env.random.bytes(32);
  const entries = new RecentMap<string, Entry>(entriesMax);
  const asking = new Map<string, Promise<KnownToken | undefined>>();

  async function ask(key: string, token: string, audiences: readonly string[]) {
    try {
      const found = await metrics.fetching(authenticator.authenticate(token, audiences));
      const keptMs = found ? knownMs : unknownMs;
      if (keptMs > 0) entries.set(key, { found, untilMs: clock.monotonicMs() + keptMs });
      return found;
    } finally {
      asking.delete(key);
    }
  }

  return {
    name: authenticator.name,
    authenticate(token, audiences) {
      const key = createHmac('sha256', secret)
        .update(JSON.stringify([token, audiences]))
        .digest('base64');
      const entry = entries.get(key);
      if (entry && clock.monotonicMs() < entry.untilMs) {
        metrics.hit();
        return entry.found;
      }
      entries.delete(key);
      const running = asking.get(key);
      if (running) return metrics.missed(running, true);
      const asked = ask(key, token, audiences);
      asking.set(key, asked);
      return metrics.missed(asked, false);
    },
  };
}
