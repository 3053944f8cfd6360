/** What clients of the DNS bench ask: as pods do, mostly for A and AAAA, a third of it through the search path. */

import dnsPacket from 'dns-packet';

export const loopback = '127.0.0.1';
export const serviceCount = 5000;

const queryCount = 2000;

export function queries(): Buffer[] {
  return Array.from({ length: queryCount }, (_, i) => {
    const name = `service-${(i * 7) % serviceCount}.default.svc.cluster.local`;
    const searched = i % 3 === 0 ? `${name}.default.svc.cluster.local` : name;
    const type = i % 2 === 0 ? 'A' : 'AAAA';
    const questions = [{ type, name: searched } as const];
    return dnsPacket.encode({ type: 'query', id: i, flags: dnsPacket.RECURSION_DESIRED, questions });
  });
}
