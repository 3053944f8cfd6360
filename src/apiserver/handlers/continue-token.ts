/** The token that resumes a list: upstream's shape, so that it survives a change of server. */

import { badRequest } from '#api/status.ts';
import { goJsonError } from '#wire/json-error.ts';

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
  const { v, rv, start } = parseToken(text);
  if (v !== tokenVersion) {
    throw notValid(`: server does not recognize this encoded version ${v ?? ''}`);
  }
  if (typeof rv !== 'number' || rv === 0) {
    throw notValid(`: incorrect encoded start resourceVersion (version ${tokenVersion})`);
  }
  if (typeof start !== 'string' || start === '') {
    throw notValid(`: encoded start key empty (version ${tokenVersion})`);
  }
  if (start.split('/').includes('..')) throw notValid(`: ${start}`);
  return { revision: rv, start };
}

interface Parsed {
  readonly v?: unknown;
  readonly rv?: unknown;
  readonly start?: unknown;
}

function parseToken(text: string): Parsed {
  const good = /^[A-Za-z0-9_-]*/.exec(text)![0].length;
  if (good < text.length) throw notValid(`: illegal base64 data at input byte ${good}`);
  // One sign alone is less than a byte.
  if (good % 4 === 1) throw notValid(`: illegal base64 data at input byte ${good - 1}`);
  const json = Buffer.from(text, 'base64url').toString();
  const problem = goJsonError(json);
  if (problem) throw notValid(`: ${problem}`);
  const token: unknown = JSON.parse(json);
  return typeof token === 'object' && token !== null ? token : {};
}

function notValid(why: string): Error {
  return badRequest(`invalid continue token: continue key is not valid${why}`);
}
