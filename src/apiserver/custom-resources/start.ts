/** Serves custom resources: stored definitions from the first request on, new ones when they are established. */

import { customResourceDefinitions } from '#api/generated/kinds.gen.ts';
import type { CustomResourceDefinition } from '#api/generated/types.gen.ts';
import { isConditionTrue } from '#api/meta/conditions.ts';
import type { Client } from '#client/client.ts';
import { prefixRange } from '#store/store.ts';
import { readRange } from '../cache/read-range.ts';
import { parseBytes } from '../cache/stored-bytes.ts';
import { endpointResolver } from '../outgoing/service-endpoint.ts';
import { WebhookClient } from '../outgoing/webhook-client.ts';
import type { ServerStorage } from '../storage/server-storage.ts';
import { conversionWebhook } from './conversion-webhook.ts';
import { startDefinitionController } from './definition-controller.ts';
import { ServedDefinitions } from './served-definitions.ts';

export interface CustomResources {
  /** Once the server runs. The returned function stops it. */
  start(client: Client): () => Promise<void>;
}

/** Called before the server starts: it then loads the objects of all kinds at once. */
export async function beginCustomResources(storage: ServerStorage): Promise<CustomResources> {
  const { env, resources, reader, feed, parts } = storage;
  const webhooks = new WebhookClient({
    clock: env.clock,
    resolve: endpointResolver(reader, env.random),
    userAgent: 'kube-apiserver',
  });
  const served = new ServedDefinitions(resources, (definition) => {
    const ask = conversionWebhook(definition, webhooks);
    return ask && { ask, newUid: () => env.random.uuid() };
  });
  const { prefix } = resources.of(customResourceDefinitions).storage!;
  const stored: CustomResourceDefinition[] = [];
  await readRange(parts.store, env.clock, prefixRange(prefix), ({ value }) => {
    stored.push(parseBytes(value) as unknown as CustomResourceDefinition);
  });
  served.begin(stored.filter(({ status }) => isConditionTrue(status, 'Established')));
  return {
    start(client) {
      const stop = startDefinitionController({ env, reader, feed, client, served });
      return async () => {
        stop();
        await webhooks.close();
      };
    },
  };
}
