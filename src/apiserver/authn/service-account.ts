/** Knows a ServiceAccount by its token, as long as the account and what the token is bound to exist. */

import { nodes, pods, secrets, serviceAccounts } from '#api/generated/kinds.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { unauthorized } from '#api/meta/status.ts';
import { serviceAccountUser, type UserInfo } from '#api/meta/user.ts';
import type { Clock } from '#base/clock.ts';
import type { Authenticator } from '../contract/authentication.ts';
import type { ObjectReader } from '../contract/stored-objects.ts';
import { bearerToken } from './bearer-token.ts';
import type { BoundObject, ServiceAccountTokens, VerifiedToken } from './service-account-tokens.ts';

/** A deleted object's tokens go on working so long, for what runs while it terminates. */
const deletionLeewayMs = 60_000;
const extraPrefix = 'authentication.kubernetes.io';

export interface TokenReviewer {
  /** Who holds this token, for one of these audiences (default: the API server's own). */
  review(token: string, audiences?: readonly string[]): Promise<ReviewedToken | undefined>;
}

export interface ReviewedToken {
  readonly user: UserInfo;
  readonly audiences: readonly string[];
}

export interface ServiceAccountOptions {
  readonly tokens: ServiceAccountTokens;
  readonly reader: ObjectReader;
  readonly clock: Clock;
}

export function serviceAccountReviewer(options: ServiceAccountOptions): TokenReviewer {
  const { tokens, reader, clock } = options;
  return {
    async review(token, audiences = tokens.apiAudiences) {
      const verified = await tokens.verify(token, audiences);
      if (!verified || !stillBound(verified, reader, clock.now())) return undefined;
      const common = verified.audiences.filter((audience) => audiences.includes(audience));
      return { user: userOf(verified, reader), audiences: common };
    },
  };
}

export function serviceAccountAuthenticator(reviewer: TokenReviewer): Authenticator {
  return {
    name: 'service-account-token',
    async authenticate(request) {
      const token = bearerToken(request);
      if (token === undefined || !looksLikeJwt(token)) return undefined;
      const reviewed = await reviewer.review(token);
      if (!reviewed) throw unauthorized();
      return reviewed.user;
    },
  };
}

function looksLikeJwt(token: string): boolean {
  return token.startsWith('eyJ') && token.split('.').length === 3;
}

function stillBound(token: VerifiedToken, reader: ObjectReader, nowMs: number): boolean {
  const { namespace, serviceaccount, pod, secret, node } = token.kubernetes;
  const lives = (type: ResourceType, bound: BoundObject | undefined, inNamespace = namespace) =>
    bound === undefined || isLive(reader.get(type, inNamespace, bound.name), bound.uid, nowMs);
  if (!lives(serviceAccounts, serviceaccount) || !lives(pods, pod) || !lives(secrets, secret)) return false;
  // A pod's token names its node for information; only a token bound to nothing else depends on it.
  return pod !== undefined || lives(nodes, node, '');
}

function isLive(object: AnyObject | undefined, uid: string, nowMs: number): boolean {
  if (!object || object.metadata?.uid !== uid) return false;
  const deletedAt = object.metadata.deletionTimestamp;
  return deletedAt === undefined || Date.parse(deletedAt) + deletionLeewayMs > nowMs;
}

function userOf(token: VerifiedToken, reader: ObjectReader): UserInfo {
  const { namespace, serviceaccount, pod } = token.kubernetes;
  const node = token.kubernetes.node;
  const extra: Record<string, string[]> = {};
  const add = (key: string, value: string | undefined) => {
    if (value) extra[`${extraPrefix}/${key}`] = [value];
  };
  if (token.tokenId) add('credential-id', `JTI=${token.tokenId}`);
  add('node-name', node?.name);
  add('node-uid', node?.uid ?? (node && reader.get(nodes, '', node.name)?.metadata?.uid));
  add('pod-name', pod?.name);
  add('pod-uid', pod?.uid);
  return { ...serviceAccountUser(namespace, serviceaccount.name, serviceaccount.uid), extra };
}
