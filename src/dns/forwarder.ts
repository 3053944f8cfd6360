/**
 * Asks the machine's name servers what the cluster does not know, one after the other. Equal questions that are under
 * way are asked once: when a server in turn asks us, its question waits for itself until the time is over, instead of
 * going round and round ever faster.
 */

import { askDns } from '#host/network/dns-sockets.ts';

export interface ForwarderOptions {
  readonly upstreams: readonly string[];
  /** Addresses at which we are asked ourselves: never forwarded to. */
  readonly own: readonly string[];
  /** Default 53. */
  readonly port?: number;
}

export type Forward = (query: Buffer, transport: 'udp' | 'tcp') => Promise<Buffer>;

const timeoutMs = 2000;
/** Upstream's `max_concurrent`: each question holds a socket. */
const questionsMax = 1000;
const idBytes = 2;

/** More is asked at once than there are sockets for. */
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
    // All but the number that the caller gave it.
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
