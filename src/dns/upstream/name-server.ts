/** The address of a name server: an IP, with a port if it is not 53. */

import { parseIp } from '#api/values/ip.ts';

export interface NameServer {
  readonly host: string;
  readonly port: number;
}

const dnsPort = 53;
const portMax = 65_535;

/** `1.2.3.4`, `1.2.3.4:5353`, `fd00::1`, `[fd00::1]:5353`, each also after `dns://`. Undefined for anything else. */
export function parseNameServer(text: string): NameServer | undefined {
  const address = text.replace(/^dns:\/\//, '');
  if (isHost(address)) return { host: address, port: dnsPort };
  const match = /^(?:\[(.+)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(address);
  const host = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3] ?? dnsPort);
  return isHost(host) && port > 0 && port <= portMax ? { host, port } : undefined;
}

/** An IPv6 address may name the link that it is on. */
function isHost(text: string): boolean {
  return parseIp(text.includes(':') ? text.replace(/%[\w.-]+$/, '') : text) !== undefined;
}

export function printNameServer({ host, port }: NameServer): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
