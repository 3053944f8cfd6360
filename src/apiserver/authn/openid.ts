/** The documents for verifying ServiceAccount tokens: OpenID discovery and the JSON Web Key Set. */

import type { ServiceAccountTokens } from './service-account-tokens.ts';

const openIdConfigurationPath = '/.well-known/openid-configuration';
export const keySetPath = '/openid/v1/jwks';

interface OpenIdDocument {
  readonly contentType: string;
  readonly body: unknown;
}

/** Undefined for any other path. */
export async function openIdDocument(
  tokens: ServiceAccountTokens,
  path: string,
  keySetUrl: string,
): Promise<OpenIdDocument | undefined> {
  if (path === keySetPath) return { contentType: 'application/jwk-set+json', body: await tokens.keySet() };
  if (path !== openIdConfigurationPath) return undefined;
  const { keys } = await tokens.keySet();
  return {
    contentType: 'application/json',
    body: {
      issuer: tokens.issuer,
      jwks_uri: keySetUrl,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [...new Set(keys.map((key) => key.alg))],
    },
  };
}

/**
 * Both documents by their paths, for a server that listens at `urls`. The address of the key set is the configured one,
 * or that of the configured host; default: this server's, as pods reach it.
 */
export function openIdDocuments(
  tokens: ServiceAccountTokens,
  advertiseAddress: string,
  configured: { readonly keySetUrl?: string | undefined; readonly host?: string | undefined },
): Record<string, (_: unknown, urls: readonly string[]) => Promise<OpenIdDocument | undefined>> {
  const keySetAt = (urls: readonly string[]) =>
    configured.keySetUrl ??
    `${externalUrl(configured.host, urls) ?? urlForPods(urls, advertiseAddress) ?? tokens.issuer}${keySetPath}`;
  const document = (path: string) => (_: unknown, urls: readonly string[]) =>
    openIdDocument(tokens, path, keySetAt(urls));
  return {
    [openIdConfigurationPath]: document(openIdConfigurationPath),
    [keySetPath]: document(keySetPath),
  };
}

/** With the port of this server, where the host has none. */
function externalUrl(host: string | undefined, [url]: readonly string[]): string | undefined {
  if (!host) return undefined;
  return /:\d+$/.test(host) || !url ? `https://${host}` : `https://${host}:${new URL(url).port}`;
}

/**
 * Pods verify tokens too, and cannot reach the machine's loopback; a server without nodes has no other
 * address.
 */
function urlForPods(urls: readonly string[], advertiseAddress: string): string | undefined {
  const host = advertiseAddress.includes(':') ? `[${advertiseAddress}]` : advertiseAddress;
  return urls.find((url) => new URL(url).hostname === host) ?? urls[0];
}
