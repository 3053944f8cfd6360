/** The token that resumes a list: upstream's shape, so that it survives a change of server. */

import { badRequest } from '#api/meta/status.ts';
import { ownValue } from '#base/own-value.ts';
import { goJsonError } from '#wire/json/error.ts';
import { goJsonType } from '#wire/json/go-values.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';

export interface ContinueToken {
  /** -1 when the rest may come from a newer state than the first pages. */
  readonly revision: number;
  /** As it was written: a number may round it. */
  readonly revisionText: string;
  /** The key to go on from, relative to the resource's folder. */
  readonly start: string;
}

const tokenVersion = 'meta.k8s.io/v1';

export function encodeContinue({ revision, start }: Omit<ContinueToken, 'revisionText'>): string {
  return Buffer.from(JSON.stringify({ v: tokenVersion, rv: revision, start })).toString('base64url');
}

export function decodeContinue(text: string): ContinueToken {
  const { v = '', rv = '0', start = '' } = parseToken(text);
  if (v !== tokenVersion) throw notValid(`: server does not recognize this encoded version ${v}`);
  if (Number(rv) === 0) {
    throw notValid(`: incorrect encoded start resourceVersion (version ${tokenVersion})`);
  }
  if (start === '') {
    throw notValid(`: encoded start key empty (version ${tokenVersion})`);
  }
  const key = start.startsWith('/') ? start.slice(1) : start;
  if (key !== '' && key.split('/').some((part) => unclean.has(part))) throw notValid(`: ${start}`);
  return { revision: Number(rv), revisionText: rv, start: key };
}

/** Parts that a path does not keep when it is cleaned, and could lead out of the folder. */
const unclean: ReadonlySet<string> = new Set(['', '.', '..']);

const fieldTypes = { v: 'string', rv: 'int64', start: 'string' } as const;

type Parsed = Partial<Record<keyof typeof fieldTypes, string>>;

function parseToken(text: string): Parsed {
  const good = /^[A-Za-z0-9_-]*/.exec(text)![0].length;
  if (good < text.length) throw notValid(`: illegal base64 data at input byte ${good}`);
  // One sign alone is less than a byte.
  if (good % 4 === 1) throw notValid(`: illegal base64 data at input byte ${good - 1}`);
  const json = Buffer.from(text, 'base64url').toString();
  const problem = goJsonError(json);
  if (problem) throw notValid(`: ${problem}`);
  const token: unknown = JSON.parse(json);
  if (token === null) return {};
  if (!isJsonObject(token)) throw wrongType(goJsonType(token), 'value of type storage.continueToken');
  return fieldsOf(token, json);
}

function fieldsOf(token: JsonObject, json: string): Parsed {
  const read: Parsed = {};
  for (const [name, value] of Object.entries(token)) {
    const type = ownValue<string>(fieldTypes, name);
    if (!type || value === null) continue;
    const field = `struct field continueToken.${name} of type ${type}`;
    const wanted = type === 'int64' ? 'number' : 'string';
    if (typeof value !== wanted) throw wrongType(goJsonType(value), field);
    const text = wanted === 'number' ? numberText(json, name) : String(value);
    if (wanted === 'number' && !isInt64(text)) throw wrongType(`number ${text}`, field);
    read[name as keyof Parsed] = text;
  }
  return read;
}

/** The digits as they stand there: JavaScript's number would round them. */
function numberText(json: string, name: string): string {
  return [...json.matchAll(new RegExp(`"${name}"\\s*:\\s*([-+.\\deE]+)`, 'g'))].at(-1)?.[1] ?? '';
}

function isInt64(text: string): boolean {
  return /^-?\d{1,19}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
}

function wrongType(found: string, wanted: string): Error {
  return notValid(`: json: cannot unmarshal ${found} into Go ${wanted}`);
}

function notValid(why: string): Error {
  return badRequest(`invalid continue token: continue key is not valid${why}`);
}
