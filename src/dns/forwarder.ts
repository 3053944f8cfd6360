/**
 * Forwards queries for names outside the cluster to the machine's name servers, one after the other. Equal
 * queries in flight are sent once: when a server forwards the query back to us, it waits for itself until the
 * timeout, instead of looping ever faster.
 */

import { askDns } from '#host/network/dns-sockets.ts';

export interface ForwarderOptions {
  readonly upstreams: readonly string[];
  /** Addresses of this DNS service: never forwarded to. */
  readonly own: readonly string[];
  /** Default 53. */
  readonly port?: number;
}

export type Forward = (query: Buffer, transport: 'udp' | 'tcp') => Promise<Buffer>;

const timeoutMs = 2000;
/** CoreDNS's `max_concurrent`: each query holds a socket. */
const questionsMax = 1000;
const idBytes = 2;

/** More queries in flight than sockets are available for. */
export class TooManyQuestions extends Error {
  override name = 'TooManyQuestions';
}

export function createForwarder({ upstreams, own, port }: ForwarderOptions): Forward {
  const servers = upstreams.filter((server) => !own.includes(server));
  const underWay = new Map<string, Promise<Buffer>>();

  async function ask(query: Buffer, transport: 'udp' | 'tcp'): Promise<Buffer> {
    for (const server of servers) {
      const answer = await askDns(server, query, timeoutMs, port, transport).catch(() => undefined);
      if (answer) return answer;
    }
    throw new Error('no name server answered');
  }

  return async (query, transport) => {
    // Everything but the query's id.
    const key = `${transport}${query.toString('latin1', idBytes)}`;
    const known = underWay.get(key);
    if (!known && underWay.size >= questionsMax) throw new TooManyQuestions();
    const asked = known ?? ask(query, transport).finally(() => underWay.delete(key));
    if (!known) underWay.set(key, asked);
    const answer = Buffer.from(await asked);
    query.copy(answer, 0, 0, idBytes);
    return answer;
  };
}
