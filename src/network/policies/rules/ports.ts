/** Ports of policy rules: ranges of port numbers by protocol, united and written as nft takes them. */

export type Protocol = 'tcp' | 'udp' | 'sctp';

export interface PortRange {
  readonly protocol: Protocol;
  readonly from: number;
  readonly to: number;
}

/** A port by the name that a container gives it. */
export interface NamedPort {
  readonly protocol: Protocol;
  readonly name: string;
}

export type RulePort = PortRange | NamedPort;

/** `all`: every protocol and port, ICMP included. */
export type Ports = 'all' | readonly PortRange[];

/** Numbers of a pod's named ports, by `tcp/http`; a name may stand for several. */
export type NamedPorts = ReadonlyMap<string, readonly number[]>;

export const portsMax = 65_535;

export function isNamed(port: RulePort): port is NamedPort {
  return 'name' in port;
}

/** The numbers that a pod's names stand for; a name that the pod does not have stands for none. */
export function withNumbers(ports: readonly RulePort[], named: NamedPorts): PortRange[] {
  return ports.flatMap((port) => {
    if (!isNamed(port)) return [port];
    const { protocol, name } = port;
    return (named.get(`${protocol}/${name}`) ?? []).map((number) => ({ protocol, from: number, to: number }));
  });
}

/** Sorted, without overlaps: equal sets of ports are equal lists. */
export function unitePorts(ports: readonly PortRange[]): PortRange[] {
  const sorted = [...ports].sort(
    (a, b) => a.protocol.localeCompare(b.protocol) || a.from - b.from || a.to - b.to,
  );
  const united: PortRange[] = [];
  for (const range of sorted) {
    const last = united.at(-1);
    const touches = last?.protocol === range.protocol && range.from <= last.to + 1;
    if (last && touches) united[united.length - 1] = { ...last, to: Math.max(last.to, range.to) };
    else united.push(range);
  }
  return united;
}

/** `{ tcp . 80, udp . 53-60 }`. */
export function portsText(ports: readonly PortRange[]): string {
  const texts = ports.map(
    ({ protocol, from, to }) => `${protocol} . ${from === to ? from : `${from}-${to}`}`,
  );
  return `{ ${texts.join(', ')} }`;
}
