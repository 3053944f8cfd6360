/**
 * Finds name servers that lead back to this one, as CoreDNS's `loop` does: each is asked for a random name, and
 * whose name arrives here is not asked again.
 */

import type { Env } from '#base/env.ts';
import { classInternet, flags, headerBytes, types } from '../message/codes.ts';
import { nameBytes } from '../message/names.ts';
import { isQuery, type Query, readQuery } from '../message/query.ts';
import type { Forwarder } from './forwarder.ts';
import { type NameServer, printNameServer } from './name-server.ts';

interface Probe {
  readonly server: NameServer;
  readonly forwarder: Forwarder;
}

export class LoopCheck {
  readonly #env: Pick<Env, 'random' | 'log'>;
  readonly #probes = new Map<string, Probe>();

  constructor(env: Pick<Env, 'random' | 'log'>) {
    this.#env = env;
  }

  /** Resolves when every server has answered or failed. */
  async check(forwarders: Iterable<Forwarder>): Promise<void> {
    const checks: Promise<void>[] = [];
    for (const forwarder of forwarders) {
      for (const server of forwarder.servers) checks.push(this.#ask({ server, forwarder }));
    }
    await Promise.all(checks);
  }

  /** True for a name of a check: its server is excluded. */
  isOwnProbe = ({ key, type }: Query): boolean => {
    if (type !== types.HINFO) return false;
    const probe = this.#probes.get(key);
    if (!probe) return false;
    const server = printNameServer(probe.server);
    this.#env.log.warn('a name server leads back to this one, and is not asked', { server });
    probe.forwarder.exclude(probe.server);
    return true;
  };

  async #ask(probe: Probe): Promise<void> {
    const query = this.#query();
    this.#probes.set(query.key, probe);
    try {
      await probe.forwarder.askServer(probe.server, query);
    } finally {
      this.#probes.delete(query.key);
    }
  }

  #query(): Query {
    const name = nameBytes(`${this.#env.random.uuid()}.${this.#env.random.uuid()}`);
    const head = Buffer.alloc(headerBytes);
    head.writeUInt16BE(flags.recursionDesired, 2);
    head.writeUInt16BE(1, 4);
    const tail = Buffer.alloc(4);
    tail.writeUInt16BE(types.HINFO, 0);
    tail.writeUInt16BE(classInternet, 2);
    const query = readQuery(Buffer.concat([head, name, tail]));
    if (!isQuery(query)) throw new Error('the query of a check is malformed');
    return query;
  }
}
