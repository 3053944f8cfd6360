/**
 * The ports of the node that the proxy listens on, for all Gateways together: no two of them share one. They
 * are given in memory before they are recorded in EndpointSlices, since several Gateways may come before the
 * first record is seen.
 */

/** Ports below are those of programs; ports above, of Services and of the machine itself. */
export const firstPort = 20_000;
export const portsMax = 5_000;

export interface PortRequest {
  readonly uid: string;
  /** Ports of the Gateway's listeners. */
  readonly wanted: readonly number[];
  /** What an earlier process has given to them. */
  readonly recorded: ReadonlyMap<number, number>;
}

/** By the port of a listener, the port of the node. */
export type GivenPorts = ReadonlyMap<number, number>;

const none: GivenPorts = new Map();

export class GatewayPorts {
  #given = new Map<string, GivenPorts>();
  #next = firstPort;

  /**
   * Gives every Gateway its ports; in the order of the requests where two have a record of the same port.
   * What has been given stays as long as it is wanted. A port that has become free comes last: clients
   * may still know it as another Gateway's.
   */
  give(requests: readonly PortRequest[]): void {
    const used = new Set<number>();
    const kept = requests.map(({ uid, wanted, recorded }) =>
      keep(wanted, this.#given.get(uid) ?? recorded, used),
    );
    const given = requests.map(({ uid, wanted }, index) => {
      const ports = kept[index]!;
      for (const port of wanted) if (!ports.has(port)) this.#add(ports, port, used);
      return [uid, ports] as const;
    });
    this.#given = new Map(given);
  }

  /** Of a Gateway; without those for which no port was left. */
  of(uid: string): GivenPorts {
    return this.#given.get(uid) ?? none;
  }

  #add(ports: Map<number, number>, port: number, used: Set<number>): void {
    for (let tried = 0; tried < portsMax; tried++) {
      const candidate = this.#next;
      this.#next = candidate + 1 < firstPort + portsMax ? candidate + 1 : firstPort;
      if (used.has(candidate)) continue;
      used.add(candidate);
      ports.set(port, candidate);
      return;
    }
  }
}

/** Records are written by users too: other ports of the node are not the proxy's. */
function keep(wanted: readonly number[], before: GivenPorts, used: Set<number>): Map<number, number> {
  const kept = new Map<number, number>();
  for (const port of wanted) {
    const own = before.get(port);
    if (own === undefined || used.has(own)) continue;
    if (own < firstPort || own >= firstPort + portsMax) continue;
    used.add(own);
    kept.set(port, own);
  }
  return kept;
}
