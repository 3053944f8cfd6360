/**
 * Answers one query: names of the cluster from its objects, all others from the servers that they are forwarded to.
 * Whatever arrives, a response or nothing is what it gets; never an exception.
 */

import type { Clock } from '#base/clock.ts';
import type { ClusterNames, OutsideAlias } from './cluster-names.ts';
import { followedRecords, repeatAnswer, type UpstreamAnswer } from './message/answer.ts';
import { flags, responseCodes, types } from './message/codes.ts';
import { nameBytes } from './message/names.ts';
import { isInternet, isQuery, labelsOfKey, type Query, readQuery, udpLimit } from './message/query.ts';
import { bareReply, noRecords, writeReply } from './message/reply.ts';
import { TooManyQueries, type Transport } from './upstream/forwarder.ts';
import type { Route, Routes } from './upstream/routes.ts';

/** What made an answer, by the name of CoreDNS's plugin; empty: nothing was responsible. */
export type AnswerSource = 'kubernetes' | 'cache' | 'forward' | '';

/** What the responder counts: see DnsMetrics. */
export interface ResponderEvents {
  /** A response is sent. */
  answered(query: Query, response: Buffer, transport: Transport, source: AnswerSource, ms: number): void;
  cached(kind: 'success' | 'denial' | 'miss'): void;
}

export interface ResponderOptions {
  readonly clock: Clock;
  readonly events: ResponderEvents;
  /** Sees queries before they are forwarded; true: the query is our own and came back. */
  isOwnProbe?(query: Query): boolean;
}

/** What answers: it is replaced when the configuration changes. */
export interface Resolution {
  readonly names: ClusterNames;
  readonly routes: Routes;
}

type Response = Buffer | undefined;

const tcpSizeMax = 65_535;
/** As CoreDNS: there are clients that take no answer of a cache that is not authoritative. */
const keptFlags = flags.authoritativeAnswer;

export class Responder {
  readonly #options: ResponderOptions;
  #resolution: Resolution;

  constructor(options: ResponderOptions, resolution: Resolution) {
    this.#options = options;
    this.#resolution = resolution;
  }

  use(resolution: Resolution): void {
    this.#resolution = resolution;
  }

  /** At once for names of the cluster and what is cached. A promise never rejects. */
  respond(bytes: Buffer, transport: Transport): Response | Promise<Response> {
    const query = readQuery(bytes);
    if (!isQuery(query)) return query && bareReply(bytes, query.code);
    const limit = transport === 'tcp' ? tcpSizeMax : udpLimit(query);
    if (query.edns && query.edns.version !== 0) return failure(query, responseCodes.badVersion, limit);
    if (!isInternet(query) || isTransfer(query)) return failure(query, responseCodes.refused, limit);
    const start = this.#options.clock.monotonicMs();
    const answer = this.#resolution.names.answer(query, limit);
    if (Buffer.isBuffer(answer)) return this.#answered(query, answer, transport, 'kubernetes', start);
    if (answer) return this.#follow(query, answer, transport, start);
    return this.#forward(query, transport, limit, start);
  }

  #answered(
    query: Query,
    response: Buffer,
    transport: Transport,
    source: AnswerSource,
    start: number,
  ): Buffer {
    const { clock, events } = this.#options;
    events.answered(query, response, transport, source, clock.monotonicMs() - start);
    return response;
  }

  #forward(query: Query, transport: Transport, limit: number, start: number): Response | Promise<Response> {
    const route = this.#resolution.routes.of(labelsOfKey(query.key));
    if (!route || this.#options.isOwnProbe?.(query)) {
      return this.#answered(query, failure(query, responseCodes.refused, limit), transport, '', start);
    }
    const cached = this.#cached(route, query);
    if (cached) {
      const response = repeatAnswer(cached, query, limit, keptFlags);
      return this.#answered(query, response, transport, 'cache', start);
    }
    return this.#ask(route, query, transport, limit).then((response) =>
      this.#answered(query, response, transport, 'forward', start),
    );
  }

  #cached({ cache }: Route, query: Query): UpstreamAnswer | undefined {
    if (!cache) return undefined;
    const cached = cache.get(query);
    this.#options.events.cached(cached?.kind ?? 'miss');
    return cached?.answer;
  }

  async #ask(route: Route, query: Query, transport: Transport, limit: number): Promise<Buffer> {
    try {
      const answer = await route.forwarder.forward(query, transport);
      route.cache?.add(query, answer);
      return repeatAnswer(answer, query, limit);
    } catch (error) {
      return failure(query, failureCode(error), limit);
    }
  }

  /** The target's records of the requested type: resolvers expect them in the same answer as the alias. */
  async #follow(query: Query, alias: OutsideAlias, transport: Transport, start: number): Promise<Buffer> {
    const response = await this.#completed(query, alias, transport);
    return this.#answered(query, response, transport, 'kubernetes', start);
  }

  async #completed(query: Query, alias: OutsideAlias, transport: Transport): Promise<Buffer> {
    try {
      const target = targetQuery(query, alias.target);
      const route = this.#resolution.routes.of(labelsOfKey(target.key));
      if (!route) return alias.withoutTarget();
      return alias.complete(await this.#lookUp(route, target, transport));
    } catch {
      return alias.withoutTarget();
    }
  }

  async #lookUp(route: Route, target: Query, transport: Transport): Promise<Buffer[]> {
    const cached = this.#cached(route, target);
    const answer = cached ?? (await route.forwarder.forward(target, transport));
    if (!cached) route.cache?.add(target, answer);
    return followedRecords(answer);
  }
}

/** Zones are not handed out, and a transfer of another server's takes many messages. */
function isTransfer({ type }: Query): boolean {
  return type === types.AXFR || type === types.IXFR;
}

/** As CoreDNS: too many queries are REFUSED, so that the client does not consider the server broken. */
function failureCode(error: unknown): number {
  return error instanceof TooManyQueries ? responseCodes.refused : responseCodes.serverFailure;
}

function failure(query: Query, code: number, limit: number): Buffer {
  const nothing = { answers: noRecords, authority: noRecords, additional: noRecords };
  return writeReply(query, { code, flags: 0, ...nothing }, limit);
}

/** A query for another name, with the type and flags of the client's. */
function targetQuery(query: Query, name: string): Query {
  const wire = nameBytes(name);
  const head = Buffer.alloc(12);
  const tail = query.bytes.subarray(query.questionEnd - 4, query.questionEnd);
  return {
    ...query,
    bytes: Buffer.concat([head, wire, tail]),
    key: wire.toString('latin1'),
    questionEnd: head.length + wire.length + tail.length,
  };
}
