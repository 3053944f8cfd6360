/** The kinds of the Gateway API's standard channel, and the class that leads Gateways to this program. */

import { customResourceDefinitions } from '#api/generated/kinds.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import { type Clock, sleep } from '#base/clock.ts';
import type { Client } from '#client/client.ts';
import { controllerName, gatewayClasses } from './kinds.ts';

const className = 'kybern';
const definedLimitMs = 30_000;
const pollMs = 50;

/** What is there stays as its users have made it. */
export async function installGatewayKinds(client: Client, clock: Clock): Promise<void> {
  const { default: definitions } = await import('./definitions.gen.json', { with: { type: 'json' } });
  await Promise.all(
    (definitions as unknown as KubeObject[]).map((definition) =>
      unlessThere(client.create(customResourceDefinitions, definition as never)),
    ),
  );
  const until = clock.monotonicMs() + definedLimitMs;
  for (;;) {
    try {
      const metadata = { name: className };
      return await unlessThere(client.create(gatewayClasses, { metadata, spec: { controllerName } }));
    } catch (error) {
      // Until the kind is served.
      if (clock.monotonicMs() > until) throw error;
      await sleep(clock, pollMs);
    }
  }
}

async function unlessThere(created: Promise<unknown>): Promise<void> {
  try {
    await created;
  } catch (error) {
    if (!(error instanceof StatusError && error.reason === 'AlreadyExists')) throw error;
  }
}
