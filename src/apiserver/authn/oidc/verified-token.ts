/** Verifies a JSON Web Token of an issuer: audience and time before the signature, so that no keys are fetched in vain. */

import type { JsonObject } from '#wire/json/value.ts';
import { untrustedClaims } from '../service-account-tokens.ts';
import { goList, type OidcProvider, verification } from './provider.ts';

/** For "not before" only: an expired token is rejected at once, as upstream. */
const leewayMs = 60_000;

/** Its claims. Rejects with `BadToken`. */
export async function verifiedClaims(
  provider: OidcProvider,
  audiences: readonly string[],
  nowMs: number,
  token: string,
): Promise<JsonObject> {
  const claimed = untrustedClaims(token) ?? {};
  mustBeFor(claimed, audiences);
  mustBeInTime(claimed, nowMs);
  return provider.verify(token);
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
