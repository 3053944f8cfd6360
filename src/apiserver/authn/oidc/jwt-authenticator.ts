/** Authenticates the JSON Web Tokens of a trusted issuer. */

import type { Clock } from '#base/clock.ts';
import type { JsonObject } from '#wire/json/value.ts';
import { BadToken } from '../../contract/authentication.ts';
import { untrustedClaims } from '../service-account-tokens.ts';
import type { TokenUsers } from '../tokens/of-api-server.ts';
import { userOfClaims } from './claims.ts';
import { goList, type OidcProvider, verification } from './provider.ts';
import type { CompiledIssuer } from './validate.ts';

/** For "not before" only: an expired token is rejected at once, as upstream. */
const leewayMs = 60_000;

export function jwtUsers(issuer: CompiledIssuer, provider: OidcProvider, clock: Clock): TokenUsers {
  const { url, audiences } = issuer.configured.issuer;
  return {
    name: 'jwt',
    userOf(token) {
      const claimed = untrustedClaims(token);
      if (claimed?.['iss'] !== url) return undefined;
      if (provider.problem !== undefined) throw new BadToken('oidc: authenticator not initialized');
      // Checked before the signature, so that keys are not fetched for a token that is rejected anyway.
      mustBeFor(claimed, audiences);
      mustBeInTime(claimed, clock.now());
      return provider.verify(token).then((claims) => userOfClaims(issuer, claims));
    },
  };
}

function mustBeFor({ aud = [] }: JsonObject, audiences: readonly string[]): void {
  const found = [aud].flat().map(String);
  if (found.some((audience) => audiences.includes(audience))) return;
  const expected = audiences.length === 1 ? JSON.stringify(audiences[0]) : goList([...audiences].sort());
  throw verification(
    `oidc: expected audience ${audiences.length === 1 ? expected : `in ${expected}`} got ${goList(found)}`,
  );
}

function mustBeInTime({ exp, nbf }: JsonObject, nowMs: number): void {
  const endMs = typeof exp === 'number' ? exp * 1000 : 0;
  if (endMs < nowMs) throw verification(`oidc: token is expired (Token Expiry: ${goTime(endMs)})`);
  const beginMs = typeof nbf === 'number' ? nbf * 1000 : Number.NEGATIVE_INFINITY;
  if (nowMs + leewayMs < beginMs) {
    throw verification(
      `oidc: current time ${goTime(nowMs)} before the nbf (not before) time: ${goTime(beginMs)}`,
    );
  }
}

function goTime(ms: number): string {
  const [day, time = ''] = new Date(ms).toISOString().split('T');
  return `${day} ${time.replace(/\.?0*Z$/, '')} +0000 UTC`;
}
