/**
 * Authentication and authorization of the kubelet's server: callers with a certificate of the cluster's
 * authority or a bearer token, for what RBAC allows them on this node. The API server reviews both, and its
 * answers hold for a while.
 */

import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { subjectAccessReviews, tokenReviews } from '#api/generated/kinds.gen.ts';
import type { SubjectAccessReview, TokenReview } from '#api/generated/types.gen.ts';
import { bearerOf } from '#api/http/authorization-header.ts';
import { groupAuthenticated, groupMasters } from '#api/meta/user.ts';
import type { Clock } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { RequestTarget } from '#base/net/request-target.ts';
import { ownValue } from '#base/own-value.ts';
import { errorText } from '#base/text/error-text.ts';
import type { Client } from '#client/client.ts';
import type { ClientIdentity } from '#host/http/https-server.ts';
import { Refusal } from './refusal.ts';

export interface AccessOptions {
  readonly env: Env;
  readonly client: Client;
}

/** A token has more attributes of its user than a certificate, and rules may depend on them. */
interface Caller extends ClientIdentity {
  readonly uid?: string;
  readonly extra?: Record<string, string[]>;
}

/**
 * `target` is what is served, too: nothing here reads the text of the request's URL. `nodeName`: the node whose
 * subresources are reviewed; empty when the request is to many.
 */
export type Access = (
  request: IncomingMessage,
  target: RequestTarget,
  identity: ClientIdentity | undefined,
  nodeName: string,
) => Promise<void>;

const tokenMs = 2 * 60_000;
const allowedMs = 5 * 60_000;
const refusedMs = 30_000;
const entriesMax = 1000;
/** Every other method has no verb, which only a rule for all verbs allows. */
const verbs: Record<string, string> = {
  GET: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Resolves when the request may go on, rejects with a `Refusal` when not. */
export function kubeletAccess({ env, client }: AccessOptions): Access {
  const { clock, log } = env;
  const users = new Memory<Caller | undefined>(clock);
  const decisions = new Memory<boolean>(clock);

  async function review(token: string): Promise<Caller | undefined> {
    const key = createHash('sha256').update(token).digest('hex');
    return users.get(key, tokenMs, async () => {
      const { status } = await client.create(tokenReviews, { spec: { token } } as TokenReview);
      const { user, authenticated } = status ?? {};
      if (!authenticated || !user) return undefined;
      const { username = '', groups = [], uid, extra } = user;
      return { name: username, groups, ...(uid ? { uid } : {}), ...(extra ? { extra } : {}) };
    });
  }

  function mayUse(caller: Caller, nodeName: string, verb: string, subresource: string): Promise<boolean> {
    const { name, groups, uid, extra } = caller;
    const lifetimeMs = (allowed: boolean) => (allowed ? allowedMs : refusedMs);
    return decisions.get(JSON.stringify([caller, nodeName, verb, subresource]), lifetimeMs, async () => {
      const resourceAttributes = { verb, resource: 'nodes', subresource, name: nodeName, version: 'v1' };
      const spec = { user: name, groups: [...groups], uid, extra, resourceAttributes };
      const { status } = await client.create(subjectAccessReviews, { spec } as SubjectAccessReview);
      return status?.allowed === true;
    });
  }

  return async (request, target, identity, nodeName) => {
    const token = bearerOf(request.headers.authorization);
    // A caller whose token cannot be reviewed is not authenticated, as upstream.
    const caller = identity
      ? withCertificate(identity)
      : token &&
        (await review(token).catch((error) => {
          log.warn('a token could not be reviewed', { error: errorText(error) });
          return undefined;
        }));
    if (!caller) throw new Refusal(401, 'Unauthorized');
    // The API server's own certificate is of this group, which may do everything: no review is needed.
    if (caller.groups.includes(groupMasters)) return;
    const verb = ownValue(verbs, request.method ?? '') ?? '';
    const subresources = subresourcesOf(target);
    for (const subresource of subresources) {
      const allowed = await mayUse(caller, nodeName, verb, subresource).catch((error) => {
        const request = { user: caller.name, verb, subresource };
        log.warn('access could not be reviewed', { ...request, error: errorText(error) });
        const what = `user=${caller.name}, verb=${verb}, resource=nodes, subresource=${subresource}`;
        throw new Refusal(500, `Authorization error (${what})`);
      });
      if (allowed) return;
    }
    const what = `resource=nodes, subresource(s)=[${subresources.join(' ')}]`;
    throw new Refusal(403, `Forbidden (user=${caller.name}, verb=${verb}, ${what})\n`);
  };
}

function withCertificate({ name, groups }: ClientIdentity): Caller {
  return { name, groups: groups.includes(groupAuthenticated) ? groups : [...groups, groupAuthenticated] };
}

/** The subresources any one of which is enough: the closest one, and `proxy` for what was under it before. */
export function subresourcesOf({ segments: [first] }: RequestTarget): string[] {
  switch (first) {
    case 'stats':
    case 'metrics':
    case 'checkpoint':
    case 'statusz':
      return [first];
    case 'logs':
      return ['log'];
    case 'flagz':
      return ['configz'];
    case 'pods':
    case 'runningpods':
      return ['pods', 'proxy'];
    case 'healthz':
    case 'configz':
      return [first, 'proxy'];
    default:
      return ['proxy'];
  }
}

/** The reviews of the last minutes. */
class Memory<T> {
  readonly #clock: Clock;
  readonly #entries = new Map<string, { value: T; untilMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async get(key: string, lifetimeMs: number | ((value: T) => number), ask: () => Promise<T>): Promise<T> {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#entries.get(key);
    if (known && known.untilMs > nowMs) return known.value;
    const value = await ask();
    if (this.#entries.size >= entriesMax) this.#entries.clear();
    const forMs = typeof lifetimeMs === 'number' ? lifetimeMs : lifetimeMs(value);
    this.#entries.set(key, { value, untilMs: nowMs + forMs });
    return value;
  }
}
