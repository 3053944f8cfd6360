/** Calls a webhook again after it failed with a temporary error, as upstream: five times at most, each pause longer. */

import { StatusError } from '#api/meta/status.ts';
import { pause } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { KubeconfigAccess } from '#client/transport/kubeconfig.ts';
import type { WebhookClient } from './webhook-client.ts';

const triesMax = 5;
const pauseFactor = 1.5;
const pauseJitter = 0.2;
const temporaryCodes: readonly number[] = [429, 500, 504];

export interface RetriedPost {
  readonly env: Pick<Env, 'clock' | 'random'>;
  readonly client: WebhookClient;
  readonly access: KubeconfigAccess;
  readonly firstPauseMs: number;
  /** Of one call. */
  readonly timeoutMs: number;
}

/** The body of the answer. Throws what `WebhookClient.post` throws. */
export async function retriedPost(post: RetriedPost, body: string): Promise<Uint8Array> {
  const { env, client, access, timeoutMs } = post;
  for (let tries = 1, pauseMs = post.firstPauseMs; ; tries++, pauseMs *= pauseFactor) {
    try {
      return (await client.post(access.target, body, { timeoutMs, headers: access.headers })).body;
    } catch (error) {
      const isTemporary = error instanceof StatusError && temporaryCodes.includes(error.code);
      if (!isTemporary || tries === triesMax) throw error;
    }
    await pause(env.clock, pauseMs * (1 + env.random.float() * pauseJitter));
  }
}
