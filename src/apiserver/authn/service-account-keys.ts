/** Makes the signer of ServiceAccount tokens from the API server's arguments: keys, issuers and audiences. */

import type { ApiServerArguments } from '#api/configuration/api-server-arguments.ts';
import type { Env } from '#base/env.ts';
import { readUserFile } from '#host/files/user-file.ts';
import type { Pki } from '#pki/pki.ts';
import { type ServiceAccountTokens, serviceAccountTokens } from './service-account-tokens.ts';

/**
 * With `service-account-signing-key-file`, tokens signed by the cluster's own key are still accepted, unless
 * `service-account-key-file` is set.
 */
export function configuredTokens(
  env: Pick<Env, 'random'>,
  { privatePem, publicPem }: Pki['serviceAccountKey'],
  args: ApiServerArguments = {},
): ServiceAccountTokens {
  const {
    'service-account-signing-key-file': signingFile,
    'service-account-key-file': keyFiles,
    'service-account-issuer': issuers,
    'api-audiences': apiAudiences,
  } = args;
  if (issuers) mustBeIssuers(issuers);
  const signingPem = signingFile ? readUserFile(signingFile) : privatePem;
  const publicPems = keyFiles?.map(readUserFile) ?? [signingPem, ...(signingFile ? [publicPem] : [])];
  return serviceAccountTokens({
    env,
    privatePem: signingPem,
    publicPems,
    ...(issuers ? { issuers } : {}),
    ...(apiAudiences ? { apiAudiences } : {}),
  });
}

function mustBeIssuers(issuers: readonly string[]): void {
  for (const [index, issuer] of issuers.entries()) {
    if (issuer === '') throw new Error('service-account-issuer should not be an empty string');
    if (issuers.indexOf(issuer) < index) {
      throw new Error(`service-account-issuer "${issuer}" is already specified`);
    }
    if (issuer.includes(':') && !URL.canParse(issuer)) {
      throw new Error(`service-account-issuer "${issuer}" contained a ':' but was not a valid URL`);
    }
  }
}
