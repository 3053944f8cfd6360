/**
 * Who may come in by the kubelet's door: callers with a certificate of the cluster's authority or a bearer token, for
 * what RBAC allows them on this node. The API server is asked for both, and its answers hold for a while.
 */

import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { subjectAccessReviews, tokenReviews } from '#api/kinds.gen.ts';
import type { SubjectAccessReview, TokenReview } from '#api/types.gen.ts';
import type { Clock } from '#base/clock.ts';
import type { Client } from '#client/client.ts';
import type { ClientIdentity } from '#host/https-server.ts';
import { Refusal } from './refusal.ts';

export interface AccessOptions {
  readonly clock: Clock;
  readonly client: Client;
  /** The node asked about; empty when the server is that of many. */
  nodeName(): string;
}

export type Access = (request: IncomingMessage, identity: ClientIdentity | undefined) => Promise<void>;

/** The API server's own certificate is of this group, which may do everything: no need to ask. */
const mastersGroup = 'system:masters';
const tokenMs = 2 * 60_000;
const allowedMs = 5 * 60_000;
const refusedMs = 30_000;
const entriesMax = 1000;
const verbs: Record<string, string> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

/** Resolves when the request may go on, rejects with a `Refusal` when not. */
export function kubeletAccess({ clock, client, nodeName }: AccessOptions): Access {
  const users = new Memory<ClientIdentity | undefined>(clock);
  const decisions = new Memory<boolean>(clock);

  async function review(token: string): Promise<ClientIdentity | undefined> {
    const key = createHash('sha256').update(token).digest('hex');
    return users.get(key, tokenMs, async () => {
      const { status } = await client.create(tokenReviews, { spec: { token } } as TokenReview);
      const { user, authenticated } = status ?? {};
      return authenticated && user ? { name: user.username ?? '', groups: user.groups ?? [] } : undefined;
    });
  }

  function mayUse({ name, groups }: ClientIdentity, verb: string, subresource: string): Promise<boolean> {
    const lifetimeMs = (allowed: boolean) => (allowed ? allowedMs : refusedMs);
    return decisions.get(JSON.stringify([name, groups, verb, subresource]), lifetimeMs, async () => {
      const resourceAttributes = { verb, resource: 'nodes', subresource, name: nodeName(), version: 'v1' };
      const spec = { user: name, groups: [...groups], resourceAttributes };
      const { status } = await client.create(subjectAccessReviews, { spec } as SubjectAccessReview);
      return status?.allowed === true;
    });
  }

  return async (request, identity) => {
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const caller = identity ?? (token ? await review(token) : undefined);
    if (!caller) throw new Refusal(401, 'Unauthorized');
    if (caller.groups.includes(mastersGroup)) return;
    const verb = verbs[request.method ?? ''] ?? 'get';
    const subresources = subresourcesOf(request.url ?? '/');
    for (const subresource of subresources) if (await mayUse(caller, verb, subresource)) return;
    const what = `resource=nodes, subresource(s)=[${subresources.join(' ')}]`;
    throw new Refusal(403, `Forbidden (user=${caller.name}, verb=${verb}, ${what})`);
  };
}

/** The one that says it closest, and `proxy`, which stands for all that has none of its own. */
function subresourcesOf(url: string): string[] {
  const [first = ''] = url.slice(1).split(/[/?]/);
  switch (first) {
    case 'stats':
    case 'metrics':
      return [first];
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

/** What was answered not long ago. */
class Memory<T> {
  private readonly clock: Clock;
  private readonly entries = new Map<string, { value: T; untilMs: number }>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  async get(key: string, lifetimeMs: number | ((value: T) => number), ask: () => Promise<T>): Promise<T> {
    const nowMs = this.clock.monotonicMs();
    const known = this.entries.get(key);
    if (known && known.untilMs > nowMs) return known.value;
    const value = await ask();
    if (this.entries.size >= entriesMax) this.entries.clear();
    const forMs = typeof lifetimeMs === 'number' ? lifetimeMs : lifetimeMs(value);
    this.entries.set(key, { value, untilMs: nowMs + forMs });
    return value;
  }
}
