/**
 * Forwards queries to name servers, as CoreDNS's `forward`: an answer of any server counts, one that failed is asked
 * last for a while. Equal queries in flight are sent once: when a server forwards the query back to us, it waits for
 * itself until the timeout, instead of looping ever faster. Every query has an id of its own.
 */

import type { Env } from '#base/env.ts';
import { askDns } from '#host/network/dns-sockets.ts';
import { readAnswer, type UpstreamAnswer, upstreamQuery } from '../message/answer.ts';
import type { Query } from '../message/query.ts';
import { type NameServer, printNameServer } from './name-server.ts';

export type Transport = 'udp' | 'tcp';

/** The order in which servers are asked. */
export type Policy = 'random' | 'round_robin' | 'sequential';

export interface ForwarderOptions {
  readonly servers: readonly NameServer[];
  readonly policy: Policy;
  /** CoreDNS's `max_concurrent`: each query holds a socket. */
  readonly queriesMax: number;
  /** Also for queries that came over UDP. */
  readonly forceTcp: boolean;
}

export interface ForwarderEvents {
  /** A server answered, or failed. */
  asked(server: string, code: number | undefined, ms: number): void;
  refused(): void;
}

const timeoutMs = 2000;
/** As CoreDNS, of one query with all its attempts. */
const deadlineMs = 5000;
const failedMs = 10_000;
const idCount = 65_536;

/** More queries in flight than sockets are available for. */
export class TooManyQueries extends Error {
  override name = 'TooManyQueries';
}

export class Forwarder {
  readonly #env: Pick<Env, 'clock' | 'random'>;
  readonly #options: ForwarderOptions;
  readonly #events: ForwarderEvents;
  readonly #underWay = new Map<string, Promise<UpstreamAnswer>>();
  /** By server, until when it is asked last. */
  readonly #failed = new Map<NameServer, number>();
  /** Servers that lead back to us. */
  readonly #excluded = new Set<NameServer>();
  #turn = 0;

  constructor(env: Pick<Env, 'clock' | 'random'>, options: ForwarderOptions, events: ForwarderEvents) {
    this.#env = env;
    this.#options = options;
    this.#events = events;
  }

  get servers(): readonly NameServer[] {
    return this.#options.servers;
  }

  exclude(server: NameServer): void {
    this.#excluded.add(server);
  }

  /** Rejects when no server answers, or with `TooManyQueries`. */
  forward(query: Query, transport: Transport): Promise<UpstreamAnswer> {
    const message = upstreamQuery(0, query);
    const key = transport + message.toString('latin1');
    const known = this.#underWay.get(key);
    if (known) return known;
    if (this.#underWay.size >= this.#options.queriesMax) {
      this.#events.refused();
      return Promise.reject(new TooManyQueries('too many queries are being forwarded'));
    }
    const asked = this.#ask(query, message, this.#options.forceTcp ? 'tcp' : transport).finally(() =>
      this.#underWay.delete(key),
    );
    this.#underWay.set(key, asked);
    return asked;
  }

  /** Asks one server, for a check of it. */
  async askServer(server: NameServer, query: Query): Promise<UpstreamAnswer | undefined> {
    return this.#attempt(server, query, upstreamQuery(0, query), 'udp');
  }

  async #ask(query: Query, message: Buffer, transport: Transport): Promise<UpstreamAnswer> {
    const until = this.#env.clock.monotonicMs() + deadlineMs;
    for (const server of this.#order()) {
      if (this.#env.clock.monotonicMs() >= until) break;
      const answer = await this.#attempt(server, query, message, transport);
      if (answer) return answer;
    }
    throw new Error('no name server answered');
  }

  async #attempt(
    server: NameServer,
    query: Query,
    message: Buffer,
    transport: Transport,
  ): Promise<UpstreamAnswer | undefined> {
    const { clock, random } = this.#env;
    const start = clock.monotonicMs();
    const own = Buffer.from(message);
    own.writeUInt16BE(Math.floor(random.float() * idCount), 0);
    const bytes = await askDns(server.host, own, timeoutMs, server.port, transport).catch(() => undefined);
    const answer = bytes && readAnswer(bytes, query);
    if (answer) this.#failed.delete(server);
    else this.#failed.set(server, clock.monotonicMs() + failedMs);
    this.#events.asked(printNameServer(server), answer?.code, clock.monotonicMs() - start);
    return answer;
  }

  #order(): NameServer[] {
    const now = this.#env.clock.monotonicMs();
    const servers = this.#byPolicy().filter((server) => !this.#excluded.has(server));
    const isFailed = (server: NameServer) => (this.#failed.get(server) ?? 0) > now;
    return [...servers.filter((server) => !isFailed(server)), ...servers.filter(isFailed)];
  }

  #byPolicy(): readonly NameServer[] {
    const { servers, policy } = this.#options;
    if (policy === 'sequential' || servers.length < 2) return servers;
    const first =
      policy === 'random'
        ? Math.floor(this.#env.random.float() * servers.length)
        : this.#turn++ % servers.length;
    return [...servers.slice(first), ...servers.slice(0, first)];
  }
}
