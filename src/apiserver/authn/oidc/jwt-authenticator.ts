/** Authenticates the JSON Web Tokens of a trusted issuer. */

import type { UserInfo } from '#api/meta/user.ts';
import type { Clock } from '#base/clock.ts';
import { BadToken } from '../../contract/authentication.ts';
import { untrustedClaims } from '../service-account-tokens.ts';
import type { TokenUsers } from '../tokens/of-api-server.ts';
import { userOfClaims } from './claims.ts';
import type { DistributedClaims } from './distributed-claims.ts';
import type { JwtMetrics } from './jwt-metrics.ts';
import type { OidcProvider } from './provider.ts';
import type { CompiledIssuer } from './validate.ts';
import { verifiedClaims } from './verified-token.ts';

export interface JwtParts {
  readonly provider: OidcProvider;
  readonly distributed: DistributedClaims;
  readonly metrics: JwtMetrics | undefined;
  readonly clock: Clock;
}

export function jwtUsers(issuer: CompiledIssuer, parts: JwtParts): TokenUsers {
  const { provider, distributed, metrics, clock } = parts;
  const { url, audiences } = issuer.configured.issuer;
  const verified = async (token: string): Promise<UserInfo> => {
    if (provider.problem !== undefined) throw new BadToken('oidc: authenticator not initialized');
    const claims = await verifiedClaims(provider, audiences, clock.now(), token);
    return userOfClaims(issuer, await distributed.expanded(claims));
  };
  return {
    name: 'jwt',
    userOf(token) {
      if (untrustedClaims(token)?.['iss'] !== url) return undefined;
      const beganMs = clock.monotonicMs();
      const over = (result: 'success' | 'failure') =>
        metrics?.authenticated(url, result, clock.monotonicMs() - beganMs);
      return verified(token).then(
        (user) => {
          over('success');
          return user;
        },
        (error) => {
          over('failure');
          throw error;
        },
      );
    },
  };
}
