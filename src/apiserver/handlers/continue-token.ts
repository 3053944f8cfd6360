/** The token that resumes a list: upstream's shape, so that it survives a change of server. */

import { badRequest } from '#api/status.ts';

export interface ContinueToken {
  /** -1 when the rest may come from a newer state than the first pages. */
  readonly revision: number;
  /** The key to go on from, relative to the resource's folder. */
  readonly start: string;
}

const tokenVersion = 'meta.k8s.io/v1';

export function encodeContinue({ revision, start }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: tokenVersion, rv: revision, start })).toString('base64url');
}

export function decodeContinue(text: string): ContinueToken {
  let token: { v?: unknown; rv?: unknown; start?: unknown };
  try {
    token = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    throw notValid('incorrect encoding, or the token was truncated');
  }
  if (token.v !== tokenVersion) throw notValid('server does not recognize this encoded version');
  if (typeof token.rv !== 'number' || token.rv === 0)
    throw notValid('incorrect encoded start resourceVersion');
  if (typeof token.start !== 'string' || token.start === '') throw notValid('encoded start key empty');
  if (token.start.split('/').includes('..')) throw notValid('invalid start key');
  return { revision: token.rv, start: token.start };
}

function notValid(why: string): Error {
  return badRequest(`continue key is not valid: ${why}`);
}
