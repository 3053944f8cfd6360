/** The Secrets that a driver gets with its calls. */

import { secrets } from '#api/generated/kinds.gen.ts';
import type { SecretReference } from '#api/generated/types.gen.ts';
import { errorText } from '#base/text/error-text.ts';
import type { Client } from '#client/client.ts';
import { csiText } from '../node-calls.ts';

/** Throws as upstream: `what` is the field that names the Secret. */
export async function driverSecrets(
  client: Client,
  what: string,
  reference: SecretReference | undefined,
): Promise<Record<string, string>> {
  if (!reference) return {};
  const { namespace = '', name = '' } = reference;
  try {
    const { data = {} } = await client.get(secrets, { namespace, name });
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
    );
  } catch (error) {
    const why = csiText(
      `failed to find the secret ${name} in the namespace ${namespace} with error: ${errorText(error)}`,
    );
    throw new Error(`fetching ${what} ${namespace}/${name} failed: ${why}`);
  }
}
