/**
 * UDP flows to backends that no longer exist. UDP has no end that the kernel could see: as long as a client
 * keeps sending from the same port, its packets would follow the flow to an unused address.
 */

import type { UdpFlow } from '#host/network/udp-flows.ts';
import type { Backend, Frontend } from './model.ts';

export function staleFlows(flows: readonly UdpFlow[], frontends: readonly Frontend[]): UdpFlow[] {
  const byAddress = new Map<string, ReadonlySet<string>>();
  const byNodePort = new Map<number, ReadonlySet<string>>();
  for (const frontend of frontends) {
    if (frontend.protocol !== 'udp') continue;
    const serving = new Set(frontend.servingBackends.map(backendText));
    for (const ip of [...frontend.clusterIps, ...frontend.externalIps]) {
      byAddress.set(`${ip}:${frontend.port}`, serving);
    }
    if (frontend.nodePort !== undefined) byNodePort.set(frontend.nodePort, serving);
  }
  return flows.filter((flow) => {
    const answerer = backendText({ ip: flow.answerer, port: flow.answererPort });
    const service = byAddress.get(`${flow.destination}:${flow.destinationPort}`);
    if (service) return !service.has(answerer);
    // Without address translation it is other traffic with the same port.
    const nodePort = flow.answerer === flow.destination ? undefined : byNodePort.get(flow.destinationPort);
    return nodePort !== undefined && !nodePort.has(answerer);
  });
}

/** Changes whenever flows may have become stale. */
export function udpState(frontends: readonly Frontend[]): string {
  return frontends
    .filter((frontend) => frontend.protocol === 'udp')
    .map(({ id, clusterIps, externalIps, port, nodePort, servingBackends }) =>
      JSON.stringify([id, clusterIps, externalIps, port, nodePort, servingBackends]),
    )
    .sort()
    .join();
}

function backendText({ ip, port }: Backend): string {
  return `${ip}:${port}`;
}
