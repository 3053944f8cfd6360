/** Calls the conversion webhook of a definition over HTTPS, with upstream's timeout of 30 s. */

import type { AskForConversion } from '#api/custom/conversion/review-conversion.ts';
import type { CustomResourceDefinition } from '#api/generated/types.gen.ts';
import { parseJsonBody, UnreadableBody } from '../codec/decode/parse-body.ts';
import type { WebhookClient, WebhookTarget } from '../outgoing/webhook-client.ts';

const timeoutMs = 30_000;

/** Undefined for a definition without a conversion webhook. */
export function conversionWebhook(
  { spec }: CustomResourceDefinition,
  client: WebhookClient,
): AskForConversion | undefined {
  const config = spec.conversion?.strategy === 'Webhook' ? spec.conversion.webhook?.clientConfig : undefined;
  if (!config) return undefined;
  const { url, service, caBundle } = config;
  const target: WebhookTarget = {
    url,
    service: service && { ...service, port: service.port ?? 443 },
    caPem: caBundle ? Buffer.from(caBundle, 'base64').toString().trim() || undefined : undefined,
  };
  return async (review) => {
    const { body } = await client.post(target, JSON.stringify(review), { timeoutMs, sendsTimeout: true });
    return parsed(body);
  };
}

function parsed(body: Uint8Array): unknown {
  try {
    return parseJsonBody(body);
  } catch (error) {
    if (!(error instanceof UnreadableBody)) throw error;
    throw new Error(`couldn't get version/kind; json parse error: ${error.message}`);
  }
}
