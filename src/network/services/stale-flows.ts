/**
 * UDP flows to backends that no longer exist. UDP has no end that the kernel could see: as long as a client
 * keeps sending from the same port, its packets would follow the flow to an unused address.
 */

import type { Log } from '#base/log.ts';
import { forgetUdpFlow, listUdpFlows, type UdpFlow } from '#host/network/udp-flows.ts';
import type { Backend, Family, Frontend } from './frontends/frontend.ts';

/** Frontends whose flows may have become stale since they were last looked at. */
export class UdpChanges {
  readonly #states = new Map<string, string>();
  #changed = new Map<string, readonly Frontend[]>();

  put(owner: string, frontends: readonly Frontend[]): void {
    const udp = frontends.filter(({ protocol }) => protocol === 'udp');
    const state = udp.length > 0 ? stateOf(udp) : undefined;
    if (state === this.#states.get(owner)) return;
    if (state === undefined) this.#states.delete(owner);
    else this.#states.set(owner, state);
    this.#changed.set(owner, udp);
  }

  /** After the table is written: the client's next packet then goes to a current backend. */
  async forgetStale(log: Log): Promise<void> {
    const changed = this.#changed;
    if (changed.size === 0) return;
    this.#changed = new Map();
    try {
      const frontends = [...changed.values()].flat();
      for (const family of new Set(frontends.map((frontend) => frontend.family))) {
        await forgetStaleOf(family, frontends, log);
      }
    } catch (error) {
      this.#changed = new Map([...changed, ...this.#changed]);
      throw error;
    }
  }
}

async function forgetStaleOf(family: Family, frontends: readonly Frontend[], log: Log): Promise<void> {
  const flows = await listUdpFlows(family);
  if (!flows) log.debug('UDP flows are not looked after: there is no conntrack program');
  const own = frontends.filter((frontend) => frontend.family === family);
  for (const flow of staleFlows(flows ?? [], own)) await forgetUdpFlow(flow);
}

export function staleFlows(flows: readonly UdpFlow[], frontends: readonly Frontend[]): UdpFlow[] {
  const byAddress = new Map<string, ReadonlySet<string>>();
  const byNodePort = new Map<number, ReadonlySet<string>>();
  for (const frontend of frontends) {
    if (frontend.protocol !== 'udp') continue;
    const serving = new Set(frontend.servingBackends.map(backendText));
    for (const ip of [...frontend.clusterIps, ...frontend.externalIps]) {
      byAddress.set(`${ip} ${frontend.port}`, serving);
    }
    if (frontend.nodePort !== undefined) byNodePort.set(frontend.nodePort, serving);
  }
  return flows.filter((flow) => {
    const answerer = backendText({ ip: flow.answerer, port: flow.answererPort });
    const service = byAddress.get(`${flow.destination} ${flow.destinationPort}`);
    if (service) return !service.has(answerer);
    // Without address translation it is other traffic with the same port.
    const nodePort = flow.answerer === flow.destination ? undefined : byNodePort.get(flow.destinationPort);
    return nodePort !== undefined && !nodePort.has(answerer);
  });
}

function stateOf(frontends: readonly Frontend[]): string {
  return JSON.stringify(
    frontends.map(({ id, family, clusterIps, externalIps, port, nodePort, servingBackends }) => [
      id,
      family,
      clusterIps,
      externalIps,
      port,
      nodePort,
      servingBackends,
    ]),
  );
}

function backendText({ ip, port }: Backend): string {
  return `${ip} ${port}`;
}
