/** One resource record of the cluster's zones, and how it is sent. */

import { classInternet, types } from '../message/codes.ts';
import { shortNameBytes } from '../message/names.ts';

export type DnsRecord = { readonly name: string; readonly ttl: number } & (
  | { readonly type: 'A' | 'AAAA'; readonly address: Uint8Array }
  | { readonly type: 'CNAME' | 'NS' | 'PTR'; readonly target: string }
  | { readonly type: 'TXT'; readonly text: string }
  | { readonly type: 'SRV'; readonly target: string; readonly port: number; readonly weight: number }
  | { readonly type: 'SOA'; readonly serial: number }
);

const soa = { refresh: 7200, retry: 1800, expire: 86_400 };
const headBytes = 10;

/** `question`: the labels of the message's question, into which names are shortened. */
export function recordBytes(record: DnsRecord, question: readonly string[]): Buffer {
  const data = dataBytes(record, question);
  const head = Buffer.allocUnsafe(headBytes);
  head.writeUInt16BE(types[record.type], 0);
  head.writeUInt16BE(classInternet, 2);
  head.writeUInt32BE(record.ttl, 4);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([shortNameBytes(record.name, question), head, data]);
}

function dataBytes(record: DnsRecord, question: readonly string[]): Buffer {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return Buffer.from(record.address);
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return shortNameBytes(record.target, question);
    case 'TXT':
      return Buffer.concat([Buffer.from([record.text.length]), Buffer.from(record.text, 'latin1')]);
    case 'SRV':
      return serviceBytes(record);
    case 'SOA':
      return authorityBytes(record, question);
  }
}

/** RFC 2782: the target is never shortened. */
function serviceBytes({ target, port, weight }: { target: string; port: number; weight: number }): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt16BE(weight, 2);
  head.writeUInt16BE(port, 4);
  return Buffer.concat([head, shortNameBytes(target, [])]);
}

/** As CoreDNS: the minimum is the record's own TTL. */
function authorityBytes(
  { name, serial, ttl }: { name: string; serial: number; ttl: number },
  question: readonly string[],
): Buffer {
  const numbers = Buffer.alloc(20);
  const { refresh, retry, expire } = soa;
  for (const [i, number] of [serial, refresh, retry, expire, ttl].entries()) {
    numbers.writeUInt32BE(number, i * 4);
  }
  const names = [`ns.dns.${name}`, `hostmaster.${name}`].map((host) => shortNameBytes(host, question));
  return Buffer.concat([...names, numbers]);
}
