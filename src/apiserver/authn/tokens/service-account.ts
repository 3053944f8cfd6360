/**
 * Authenticates bound ServiceAccount tokens: they have not expired, and the account and the bound object still
 * exist.
 */

import { nodes, pods, secrets, serviceAccounts } from '#api/generated/kinds.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { notFound } from '#api/meta/status.ts';
import { serviceAccountUser, type UserInfo } from '#api/meta/user.ts';
import type { Clock } from '#base/clock.ts';
import { goQuoted } from '#wire/json/go-values.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { BadToken, type TokenAuthenticator } from '../../contract/authentication.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import {
  type BoundObject,
  type KubernetesClaims,
  type ServiceAccountTokens,
  untrustedIssuer,
} from '../service-account-tokens.ts';
import type { TokenMetrics } from './token-metrics.ts';

/** The clock skew that upstream allows; the tokens of a deleted object stay valid for as long. */
const leewayMs = 60_000;
const extraPrefix = 'authentication.kubernetes.io';
const unreadable = 'service account token claims could not be validated';
const invalidated = 'service account token has been invalidated';

export interface ServiceAccountOptions {
  readonly tokens: ServiceAccountTokens;
  readonly reader: ObjectReader;
  readonly clock: Clock;
  readonly metrics?: TokenMetrics;
}

export function serviceAccountAuthenticator(options: ServiceAccountOptions): TokenAuthenticator {
  const { tokens, reader, clock, metrics } = options;
  const examine = (claims: JsonObject, wanted: readonly string[]) => {
    mustBeTexts(claims);
    const audiences = audiencesOf(claims, wanted, tokens.apiAudiences);
    mustBeInTime(claims, clock.now());
    const kubernetes = kubernetesClaims(claims['kubernetes.io']);
    if (!kubernetes) throw new BadToken(unreadable);
    mustBeBound(kubernetes, reader, clock.now());
    if (metrics) metrics.accepted[isStale(kubernetes, clock.now()) ? 'stale' : 'valid']++;
    return { user: userOf(kubernetes, claims['jti']), audiences };
  };
  return {
    name: 'service-account-token',
    authenticate(token, wanted) {
      const issuer = untrustedIssuer(token);
      if (issuer === undefined || !tokens.issuers.includes(issuer)) return undefined;
      return tokens.verifySignature(token).then((claims) => examine(claims, wanted));
    },
  };
}

/** The wanted audiences that the token has; without any it has the API server's. Throws if there are none. */
export function audiencesOf(
  claims: JsonObject,
  wanted: readonly string[],
  apiAudiences: readonly string[],
): readonly string[] {
  const said = [claims['aud'] ?? []].flat().map(String);
  const meant = said.length > 0 ? said : apiAudiences;
  const common = meant.filter((audience) => wanted.includes(audience));
  if (common.length > 0) return common;
  throw new BadToken(
    `token audiences ${quotedList(meant)} is invalid for the target audiences ${quotedList(wanted)}`,
  );
}

function quotedList(values: readonly string[]): string {
  return `[${values.map((value) => goQuoted(value)).join(' ')}]`;
}

function mustBeTexts({ aud = [], jti, sub }: JsonObject): void {
  const texts = [jti ?? '', sub ?? '', ...[aud].flat()];
  if (!texts.every((text) => typeof text === 'string')) throw new BadToken(unreadable);
}

function mustBeInTime({ exp, nbf, iat }: JsonObject, nowMs: number): void {
  const ms = (seconds: unknown) => Number(seconds) * 1000;
  if ([exp, nbf, iat].some((time) => time !== undefined && typeof time !== 'number')) {
    throw new BadToken(unreadable);
  }
  if (nbf !== undefined && nowMs + leewayMs < ms(nbf)) {
    throw new BadToken('service account token is not valid yet');
  }
  if (exp !== undefined && nowMs - leewayMs > ms(exp)) {
    throw new BadToken('service account token has expired');
  }
  if (iat !== undefined && nowMs + leewayMs < ms(iat)) {
    throw new BadToken('service account token is issued in the future');
  }
}

function isStale({ warnafter }: KubernetesClaims, nowMs: number): boolean {
  return warnafter !== undefined && warnafter !== 0 && nowMs > warnafter * 1000;
}

/** Undefined for malformed claims: other programs may sign with the same key. Null counts as absent. */
function kubernetesClaims(claims: unknown): KubernetesClaims | undefined {
  if (!isJsonObject(claims) || typeof claims['namespace'] !== 'string') return undefined;
  const { serviceaccount, pod, secret, node, warnafter } = claims;
  if (!isBoundObject(serviceaccount)) return undefined;
  const bound = Object.entries({ pod, secret, node }).filter(
    ([, reference]) => (reference ?? undefined) !== undefined,
  );
  if (!bound.every(([, reference]) => isBoundObject(reference))) return undefined;
  return {
    namespace: claims['namespace'],
    serviceaccount,
    ...Object.fromEntries(bound),
    ...(typeof warnafter === 'number' ? { warnafter } : {}),
  };
}

function isBoundObject(value: unknown): value is BoundObject {
  return isJsonObject(value) && typeof value['name'] === 'string' && typeof (value['uid'] ?? '') === 'string';
}

function mustBeBound(claims: KubernetesClaims, reader: ObjectReader, nowMs: number): void {
  const { namespace, serviceaccount, pod, secret, node } = claims;
  const account = reader.get(serviceAccounts, namespace, serviceaccount.name);
  const deleted = `service account ${namespace}/${serviceaccount.name} has been deleted`;
  if (!account) throw new BadToken(notFound(serviceAccounts, serviceaccount.name).message);
  mustBeSame(account, serviceaccount, 'service account UID', 'claim');
  mustNotBeGone(account, nowMs, deleted);
  const check = (
    type: ResourceType,
    bound: BoundObject | undefined,
    word: string,
    inNamespace = namespace,
  ) => {
    if (!bound) return;
    const object = reader.get(type, inNamespace, bound.name);
    if (!object) throw new BadToken(invalidated);
    mustBeSame(object, bound, `${word} UID`, `service account ${word.toLowerCase()} ref claim`);
    mustNotBeGone(object, nowMs, invalidated);
  };
  check(secrets, secret, 'secret');
  check(pods, pod, 'pod');
  // A pod's token names its node for information; only a token bound to nothing else depends on it.
  if (!pod) check(nodes, node, 'node', '');
}

function mustBeSame({ metadata }: AnyObject, { uid }: BoundObject, whose: string, claim: string): void {
  if (metadata?.uid !== uid) {
    throw new BadToken(`${whose} (${metadata?.uid ?? ''}) does not match ${claim} (${uid})`);
  }
}

function mustNotBeGone({ metadata }: AnyObject, nowMs: number, message: string): void {
  const deletedAt = metadata?.deletionTimestamp;
  if (deletedAt !== undefined && Date.parse(deletedAt) + leewayMs <= nowMs) throw new BadToken(message);
}

function userOf({ namespace, serviceaccount, pod, node }: KubernetesClaims, tokenId: unknown): UserInfo {
  const extra: Record<string, string[]> = {};
  const add = (key: string, value: string | undefined) => {
    if (value) extra[`${extraPrefix}/${key}`] = [value];
  };
  if (typeof tokenId === 'string' && tokenId !== '') add('credential-id', `JTI=${tokenId}`);
  add('node-name', node?.name);
  add('node-uid', node?.uid);
  add('pod-name', pod?.name);
  add('pod-uid', pod?.uid);
  return { ...serviceAccountUser(namespace, serviceaccount.name, serviceaccount.uid), extra };
}
