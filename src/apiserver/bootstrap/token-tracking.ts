/**
 * Keeps the ConfigMap that says since when the uses of legacy ServiceAccount tokens are noted: its cleaner counts from
 * that day. Written once, and again where it is gone or says no day.
 */

import { configMaps } from '#api/generated/kinds.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import { rfc3339 } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { Repeater } from '#base/repeater.ts';
import type { Client } from '#client/client.ts';

const key = { namespace: 'kube-system', name: 'kube-apiserver-legacy-service-account-token-tracking' };
/** As often as upstream makes it again. */
const checkMs = 30 * 60_000;

/** Returns how to stop. */
export function keepTokenTracking({ clock, log }: Env, client: Client): () => void {
  const checks = new Repeater(clock, checkMs, async () => {
    try {
      await ensure(client, rfc3339(clock.now()).slice(0, 10));
    } catch (error) {
      log.warn('the note on legacy tokens could not be written', { error: (error as Error).message });
    }
  });
  checks.start(0);
  return () => checks.stop();
}

async function ensure(client: Client, today: string): Promise<void> {
  try {
    const found = await client.get(configMaps, key);
    if (/^\d{4}-\d\d-\d\d$/.test(found.data?.['since'] ?? '')) return;
    await client.update(configMaps, { ...found, data: { ...found.data, since: today } });
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 404) throw error;
    await client.create(configMaps, { metadata: key, data: { since: today } });
  }
}
