/** A case: a few requests that need nothing of other cases, so that it can be run alone. */

import type { UserInfo } from '#api/meta/user.ts';
import type { Chance } from '../chance.ts';
import type { Answer } from '../oracles.ts';
import type { Target } from '../target.ts';

export interface Case {
  readonly target: Target;
  readonly chance: Chance;
  readonly number: number;
  /** For the names of its objects. */
  readonly name: string;
}

export interface Sent {
  readonly type?: string;
  readonly body?: Uint8Array | object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly user?: UserInfo;
}

export function send(run: Case, method: string, path: string, sent: Sent = {}): Promise<Answer> {
  const { type, body, headers = {}, user } = sent;
  const bytes = body === undefined || body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body));
  const request = {
    method,
    path,
    headers: { ...headers, ...(bytes ? { 'content-type': type ?? 'application/json' } : {}) },
    ...(bytes ? { body: bytes } : {}),
  };
  return run.target.send(run.number, request, user);
}
