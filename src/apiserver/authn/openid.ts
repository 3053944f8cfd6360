/** The two documents by which others verify ServiceAccount tokens: OpenID discovery and the key set. */

import type { ServiceAccountTokens } from './service-account-tokens.ts';

export const openIdConfigurationPath = '/.well-known/openid-configuration';
export const keySetPath = '/openid/v1/jwks';

/** The media type and body for one of the two paths. */
export async function openIdDocument(
  tokens: ServiceAccountTokens,
  path: string,
  keySetUrl: string,
): Promise<{ contentType: string; body: unknown } | undefined> {
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
