/** Posts events as an EventList to a webhook; failed posts are retried with back-off. */

import { pause } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import type { KubeconfigAccess } from '#client/transport/kubeconfig.ts';
import type { WebhookClient } from '../../outgoing/webhook-client.ts';
import type { AuditMetrics } from '../audit-metrics.ts';
import { type AuditEvent, eventListText } from '../event.ts';
import type { AuditSink } from '../sink.ts';

export interface WebhookSinkOptions {
  readonly env: Pick<Env, 'clock' | 'random'>;
  readonly client: WebhookClient;
  readonly access: KubeconfigAccess;
  readonly initialBackOffMs: number;
  readonly metrics: AuditMetrics;
}

/** As upstream. */
const triesMax = 5;
const backOffFactor = 1.5;
const backOffJitter = 0.2;
const callMsMax = 30_000;

export function webhookSink(options: WebhookSinkOptions): AuditSink {
  const { client, access, metrics } = options;
  const closing = new AbortController();
  return {
    name: 'webhook',
    async process(events) {
      try {
        await tryOften(options, closing.signal, () => post(client, access, events));
        return true;
      } catch (error) {
        metrics.lost('webhook', error, events);
        return false;
      }
    },
    async close() {
      closing.abort();
      await client.close();
    },
  };
}

async function post(client: WebhookClient, access: KubeconfigAccess, events: readonly AuditEvent[]) {
  const { target, headers } = access;
  await client.post(target, eventListText(events), { timeoutMs: callMsMax, headers });
}

async function tryOften(
  { env, initialBackOffMs }: WebhookSinkOptions,
  closing: AbortSignal,
  attempt: () => Promise<void>,
): Promise<void> {
  let waitMs = initialBackOffMs;
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries === triesMax || closing.aborted) throw new Error(errorText(error));
    }
    await pause(env.clock, waitMs * (1 + backOffJitter * env.random.float()), closing);
    waitMs *= backOffFactor;
  }
}
