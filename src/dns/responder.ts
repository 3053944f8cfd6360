/** Answers one DNS query: names of the cluster from the view, all others from the machine's name servers. */

import dnsPacket from 'dns-packet';
import { TooManyQuestions } from './forwarder.ts';
import { type Answer, answerName, answerReverse, type DnsRecord, type DnsView } from './records.ts';

export interface ResponderOptions {
  readonly view: DnsView;
  /** `cluster.local`. */
  readonly zone: string;
  /** Forwards the query to a server outside the cluster; rejects when there is none or it does not answer. */
  forward(query: Buffer, transport: 'udp' | 'tcp'): Promise<Buffer>;
}

const ttlSeconds = 30;
const negativeTtlSeconds = 5;
const udpSizeDefault = 512;
/** Larger datagrams are fragmented, and losing one fragment loses all. */
const udpSizeMax = 1232;
const aliasHopsMax = 8;
const authoritativeAnswer = 1 << 10;
const recursionAvailable = 1 << 7;
const truncated = 1 << 9;
const noError = 0;
const nameError = 3;
const serverFailure = 2;
const refused = 5;

export function createResponder(
  options: ResponderOptions,
): (query: Buffer, transport: 'udp' | 'tcp') => Promise<Buffer | undefined> {
  return async (bytes, transport) => {
    let query: dnsPacket.DecodedPacket;
    try {
      query = dnsPacket.decode(bytes);
    } catch {
      return undefined;
    }
    const question = query.questions?.[0];
    if (query.type !== 'query' || !question) return undefined;
    const name = question.name.toLowerCase().replace(/\.$/, '');
    const own = ownAnswer(options, name, question.type);
    if (own === 'forward') {
      return options
        .forward(bytes, transport)
        .catch((error) => encode(query, options.zone, { code: failureCode(error) }));
    }
    const followed = await behindAlias(options, own, question.type);
    const code = own ? noError : nameError;
    const answer = encode(query, options.zone, { code, answer: own, followed });
    if (transport === 'tcp' || answer.length <= udpSize(query)) return answer;
    return encode(query, options.zone, { code: noError, flags: truncated });
  };
}

/** As CoreDNS: too many queries are REFUSED, so that the client does not consider the server broken. */
function failureCode(error: unknown): number {
  return error instanceof TooManyQuestions ? refused : serverFailure;
}

function ownAnswer(options: ResponderOptions, name: string, type: string): Answer | 'forward' {
  const { view, zone } = options;
  if (name === zone || name.endsWith(`.${zone}`)) return answerName(view, zone, name, type);
  // An address only has a PTR record here; other types are forwarded.
  if (type !== 'PTR') return 'forward';
  const reverse = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/.exec(name);
  if (!reverse) return 'forward';
  return answerReverse(view, zone, name, reverse.slice(1).reverse().join('.')) ?? 'forward';
}

/** The target's records of the requested type: resolvers expect them in the same answer as the CNAME. */
async function behindAlias(
  options: ResponderOptions,
  answer: Answer,
  type: dnsPacket.RecordType,
  hop = 1,
): Promise<dnsPacket.Answer[]> {
  const alias = answer?.records.find((record) => record.type === 'CNAME');
  if (!alias || type === 'CNAME' || hop > aliasHopsMax) return [];
  const target = alias.target.toLowerCase().replace(/\.$/, '');
  const own = ownAnswer(options, target, type);
  if (own !== 'forward') {
    const further = await behindAlias(options, own, type, hop + 1);
    return [...(own?.records ?? []).map((record) => toPacket(record, options.zone)), ...further];
  }
  const questions = [{ name: target, type, class: 'IN' as const }];
  const query = dnsPacket.encode({ type: 'query', id: 1, flags: dnsPacket.RECURSION_DESIRED, questions });
  try {
    return dnsPacket.decode(await options.forward(query, 'udp')).answers ?? [];
  } catch {
    return [];
  }
}

interface Said {
  readonly code: number;
  readonly answer?: Answer;
  /** Records of a CNAME's target. */
  readonly followed?: readonly dnsPacket.Answer[];
  readonly flags?: number;
}

function encode(
  query: dnsPacket.DecodedPacket,
  zone: string,
  { code, answer, followed = [], flags = 0 }: Said,
): Buffer {
  const { records = [], extra = [] } = answer ?? {};
  const failed = code === serverFailure || code === refused;
  return dnsPacket.encode({
    type: 'response',
    id: query.id ?? 0,
    flags:
      (failed ? 0 : authoritativeAnswer) |
      recursionAvailable |
      ((query.flags ?? 0) & dnsPacket.RECURSION_DESIRED) |
      flags |
      code,
    questions: query.questions ?? [],
    answers: [...records.map((record) => toPacket(record, zone)), ...followed],
    additionals: [...extra.map((record) => toPacket(record, zone)), ...extensions(query)],
    authorities: records.length === 0 && !failed ? [startOfAuthority(zone)] : [],
  });
}

function toPacket(record: DnsRecord, zone: string): dnsPacket.Answer {
  const base = { name: record.name, ttl: ttlSeconds, class: 'IN' as const };
  switch (record.type) {
    case 'A':
      return { ...base, type: 'A', data: record.address };
    case 'CNAME':
      return { ...base, type: 'CNAME', data: record.target };
    case 'PTR':
      return { ...base, type: 'PTR', data: record.target };
    case 'NS':
      return { ...base, type: 'NS', data: record.target };
    case 'TXT':
      return { ...base, type: 'TXT', data: record.text };
    case 'SOA':
      return startOfAuthority(zone);
    case 'SRV':
      return {
        ...base,
        type: 'SRV',
        data: { target: record.target, port: record.port, priority: 0, weight: 100 },
      };
  }
}

function startOfAuthority(zone: string): dnsPacket.Answer {
  return {
    type: 'SOA',
    name: zone,
    ttl: negativeTtlSeconds,
    class: 'IN',
    data: {
      mname: `ns.dns.${zone}`,
      rname: `hostmaster.${zone}`,
      serial: 1,
      refresh: 7200,
      retry: 1800,
      expire: 86400,
      minimum: negativeTtlSeconds,
    },
  };
}

function udpSize(query: dnsPacket.DecodedPacket): number {
  const option = query.additionals?.find((record) => record.type === 'OPT');
  if (!option || !('udpPayloadSize' in option)) return udpSizeDefault;
  return Math.min(Math.max(Number(option.udpPayloadSize), udpSizeDefault), udpSizeMax);
}

/** A query with an OPT record gets one back, which shows that EDNS is understood. */
function extensions(query: dnsPacket.DecodedPacket): dnsPacket.Answer[] {
  if (!query.additionals?.some((record) => record.type === 'OPT')) return [];
  const option = { type: 'OPT', name: '.', udpPayloadSize: udpSizeMax, flags: 0, options: [] };
  return [option as unknown as dnsPacket.Answer];
}
