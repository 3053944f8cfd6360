/**
 * For tests: controllers against a real API server in this process, on a clock that advances while the test
 * waits.
 */

import { events, namespaces } from '#api/generated/kinds.gen.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import type { ControllerDefinition } from '#client/controllers/controller.ts';
import { startControllers } from '#client/controllers/controller-runner.ts';
import type { Informers } from '#client/informers/informer.ts';
import { createInformers } from '#client/informers/informers.ts';
import { systemEnv } from '#host/system-env.ts';
import { startTestServer } from '../server/test-server.ts';
import { VirtualClock } from '../virtual-clock.ts';

const stepMs = 100;
const stepsMax = 3_000;

export interface ControlledCluster {
  readonly env: Env;
  readonly clock: VirtualClock;
  readonly client: Client;
  readonly informers: Informers;
  /** Advances the clock until `found` returns something, at most five minutes. */
  eventually<T>(what: string, found: () => Promise<T | undefined | false>): Promise<T>;
  /** Events of the namespace `default`: `reason message`. */
  events(): Promise<string[]>;
}

/** With the namespace `default`. `before`: objects that exist when the controllers start. */
export async function withControllers(
  definitions: readonly ControllerDefinition[],
  body: (cluster: ControlledCluster) => Promise<void>,
  before: (cluster: ControlledCluster) => Promise<void> = async () => {},
): Promise<void> {
  const clock = new VirtualClock();
  const env = { ...systemEnv(), clock };
  await using api = await startTestServer({ env });
  const { client } = api;
  const informers = createInformers(client, env);
  await client.create(namespaces, { metadata: { name: 'default' } });
  const cluster: ControlledCluster = {
    env,
    clock,
    client,
    informers,
    async eventually(what, found) {
      for (let step = 0; step < stepsMax; step++) {
        const value = await found();
        if (value !== undefined && value !== false) return value;
        await clock.advance(stepMs);
      }
      throw new Error(`not within ${(stepsMax * stepMs) / 1000} seconds: ${what}`);
    },
    async events() {
      const { items } = await client.list(events, { namespace: 'default' });
      return items.map(({ reason, message }) => `${reason} ${message}`);
    },
  };
  await before(cluster);
  const controllers = startControllers(definitions, { env, client, informers });
  try {
    await body(cluster);
  } finally {
    await controllers.stop();
    informers.stop();
  }
}
