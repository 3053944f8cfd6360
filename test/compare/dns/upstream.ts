/** A name server outside the cluster, for both sides of a comparison: a few names of `example.org`. */

import dnsPacket from 'dns-packet';
import { type DnsListener, listenDns } from '#host/network/dns-sockets.ts';

const soa: dnsPacket.Answer = {
  type: 'SOA',
  name: 'example.org',
  ttl: 300,
  data: {
    mname: 'ns.example.org',
    rname: 'root.example.org',
    serial: 1,
    refresh: 7200,
    retry: 1800,
    expire: 86_400,
    minimum: 60,
  },
};

const codes = { missing: 3, failing: 2, target: 0, short: 0, refusing: 5 } as const;

export function listenUpstream(host: string): Promise<DnsListener> {
  return listenDns(host, 0, (bytes) => {
    const { id = 0, questions = [] } = dnsPacket.decode(bytes);
    const [question] = questions;
    if (!question) return undefined;
    const [first = ''] = question.name.toLowerCase().split('.');
    const code = codes[first as keyof typeof codes] ?? 3;
    const isFound = code === 0 && question.type === 'A';
    const ttl = first === 'short' ? 1 : 300;
    return dnsPacket.encode({
      type: 'response',
      id,
      flags: dnsPacket.RECURSION_DESIRED | dnsPacket.RECURSION_AVAILABLE | code,
      questions,
      answers: isFound ? [{ type: 'A', name: question.name, ttl, data: '192.0.2.7' }] : [],
      authorities: code === 3 || (code === 0 && !isFound) ? [soa] : [],
    });
  });
}
