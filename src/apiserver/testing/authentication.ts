/** For tests of authenticators: requests with credentials, stored objects, and what becomes of a token. */

import type { AnyObject } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import type { ApiRequest } from '#client/transport/transport.ts';
import { BadToken, type TokenAuthenticator } from '../contract/authentication.ts';
import type { ObjectReader } from '../contract/stored-objects.ts';

export function requestWith(headers: Record<string, string> = {}): ApiRequest {
  return { method: 'GET', path: '/api', headers };
}

/** The headers of a request with a bearer token. */
export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

/** By `resource/namespace/name`. */
export function readerOf(objects: Record<string, AnyObject>): ObjectReader {
  return {
    get: (type, namespace, name) => objects[`${type.resource}/${namespace}/${name}`],
    list: () => Object.values(objects),
  };
}

/** What a kind of token knows of this one, or what it finds bad about it. */
export async function outcomeOf(
  kind: TokenAuthenticator,
  token: string,
  audiences: readonly string[] = ['api'],
): Promise<unknown> {
  try {
    return await kind.authenticate(token, audiences);
  } catch (error) {
    if (error instanceof BadToken) return error.message;
    throw error;
  }
}

export const is401 = (error: unknown): boolean => error instanceof StatusError && error.code === 401;
