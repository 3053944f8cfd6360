/**
 * Authenticates bootstrap tokens, `abcdef.0123456789abcdef`: the Secret in kube-system is of type
 * bootstrap.kubernetes.io/token, has not expired and is for authentication. Reads: Secrets.
 */

import { timingSafeEqual } from 'node:crypto';
import { secrets } from '#api/generated/kinds.gen.ts';
import type { Secret } from '#api/generated/types.gen.ts';
import {
  bootstrapGroups,
  bootstrapTokenPattern,
  bootstrapTokenType,
  isExpired,
  textOfKey,
} from '#api/values/bootstrap-token.ts';
import type { Clock } from '#base/clock.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObject } from '../../contract/typed-reader.ts';
import type { TokenUsers } from './of-api-server.ts';

export function bootstrapTokens(reader: ObjectReader, clock: Clock): TokenUsers {
  return {
    name: 'bootstrap-token',
    userOf(token) {
      const [, id, tokenSecret] = bootstrapTokenPattern.exec(token) ?? [];
      if (id === undefined || tokenSecret === undefined) return undefined;
      const secret = readObject(reader, secrets, 'kube-system', `bootstrap-token-${id}`);
      if (!secret || !isFor(secret, id, tokenSecret) || isExpired(secret, clock.now())) return undefined;
      if (textOfKey(secret, 'usage-bootstrap-authentication') !== 'true') return undefined;
      const groups = bootstrapGroups(secret);
      return groups && { name: `system:bootstrap:${id}`, groups };
    },
  };
}

function isFor(secret: Secret, id: string, tokenSecret: string): boolean {
  if (secret.metadata?.deletionTimestamp !== undefined || secret.type !== bootstrapTokenType) return false;
  return textOfKey(secret, 'token-id') === id && isSame(textOfKey(secret, 'token-secret'), tokenSecret);
}

/** Compares in constant time. */
function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
