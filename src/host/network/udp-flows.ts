/** UDP flows of connection tracking: their address translation, and how to delete one. */

import { tryCommand } from '../processes/command.ts';

export interface UdpFlow {
  readonly source: string;
  readonly sourcePort: number;
  /** Destination as the sender wrote it. */
  readonly destination: string;
  readonly destinationPort: number;
  /** Address that answers: differs from `destination` when the flow is translated. */
  readonly answerer: string;
  readonly answererPort: number;
}

/** Undefined where the conntrack program is missing. */
export async function listUdpFlows(family: 4 | 6): Promise<UdpFlow[] | undefined> {
  const result = await tryCommand('conntrack', ['-L', '-f', `ipv${family}`, '-p', 'udp']).catch(
    () => undefined,
  );
  if (!result) return undefined;
  if (result.code !== 0) throw new Error(`conntrack: ${result.stderr.trim()}`);
  return parseUdpFlows(result.stdout);
}

/** `udp 17 29 src=A dst=B sport=1 dport=2 [UNREPLIED] src=C dst=A sport=3 dport=1 …` */
export function parseUdpFlows(text: string): UdpFlow[] {
  return text.split('\n').flatMap((line) => {
    const values = (name: string) =>
      [...line.matchAll(new RegExp(`\\b${name}=(\\S+)`, 'g'))].map((match) => match[1]!);
    const [source, answerer] = values('src');
    const [destination] = values('dst');
    const [sourcePort, answererPort] = values('sport').map(Number);
    const [destinationPort] = values('dport').map(Number);
    if (!source || !answerer || !destination || !sourcePort || !answererPort || !destinationPort) return [];
    return [{ source, sourcePort, destination, destinationPort, answerer, answererPort }];
  });
}

/** Harmless when the flow has expired meanwhile. */
export async function forgetUdpFlow(flow: UdpFlow): Promise<void> {
  const { source, sourcePort, destination, destinationPort } = flow;
  const from = ['--orig-src', source, '--orig-port-src', String(sourcePort)];
  const to = ['--orig-dst', destination, '--orig-port-dst', String(destinationPort)];
  const family = source.includes(':') ? 'ipv6' : 'ipv4';
  await tryCommand('conntrack', ['-D', '-f', family, '-p', 'udp', ...from, ...to]);
}
