/** Routes to the pods of other nodes, as the kernel has them: read, compared with the wanted ones, changed. */

import { contains, parseCidr, parseIPv4 } from '#base/net/cidr.ts';
import { command } from '../../processes/command.ts';
import { ipBatch } from './network-namespace.ts';

/** What the machine's own routing shows of a neighbourhood. */
export interface Reach {
  /** Ranges of links that the machine is on. */
  readonly links: readonly { readonly range: string; readonly device: string }[];
  /** Single addresses with a next hop of their own. */
  readonly hosts: readonly { readonly address: string; readonly via: string; readonly device: string }[];
}

export interface PodRoute {
  /** Pod range of the node: `10.244.3.0/24`. */
  readonly podCidr: string;
  readonly via: string;
  readonly device: string;
  /** Address that this machine sends from. Default: the device's. */
  readonly source?: string;
}

interface KernelRoute {
  readonly dst: string;
  readonly gateway?: string;
  readonly dev: string;
  readonly protocol?: string;
  readonly prefsrc?: string;
  readonly scope?: string;
}

/** Marks the routes that kybern keeps; free in /etc/iproute2/rt_protos. */
const routeProtocol = '175';

/** Without the routes through `except`, the cluster's own devices, and without those to pods. */
export async function machineReach(except: readonly string[]): Promise<Reach> {
  const all: KernelRoute[] = JSON.parse(await command('ip', ['-j', '-4', 'route', 'show']));
  const routes = all.filter(({ dev, protocol }) => !except.includes(dev) && protocol !== routeProtocol);
  return {
    links: routes
      .filter(({ gateway, dst }) => !gateway && dst.includes('/'))
      .map(({ dst, dev }) => ({ range: dst, device: dev })),
    hosts: routes.flatMap(({ dst, gateway, dev }) =>
      gateway && /^[\d.]+$/.test(dst) ? [{ address: dst, via: gateway, device: dev }] : [],
    ),
  };
}

/** The routes that kybern keeps to pods of `podRange`. */
async function podRoutes(podRange: string): Promise<PodRoute[]> {
  const range = parseCidr(podRange);
  const shown = await command('ip', ['-j', '-4', 'route', 'show', 'proto', routeProtocol]);
  const routes: KernelRoute[] = JSON.parse(shown);
  return routes.flatMap(({ dst, gateway, dev, prefsrc }) => {
    const isOurs = gateway && contains(range, parseIPv4(dst.split('/')[0] ?? ''));
    if (!isOurs) return [];
    return [{ podCidr: dst, via: gateway, device: dev, ...(prefsrc ? { source: prefsrc } : {}) }];
  });
}

/** Changes only what differs. Returns whether anything did. */
export async function keepPodRoutes(podRange: string, wanted: readonly PodRoute[]): Promise<boolean> {
  const lines = routeChanges(await podRoutes(podRange), wanted);
  await ipBatch(lines);
  return lines.length > 0;
}

/** Lines of `ip -batch`. A route that leads elsewhere is replaced in one step: no packet finds none meanwhile. */
export function routeChanges(actual: readonly PodRoute[], wanted: readonly PodRoute[]): string[] {
  const isWanted = ({ podCidr }: PodRoute) => wanted.some((route) => route.podCidr === podCidr);
  const isThere = (route: PodRoute) => actual.some((known) => textOf(known) === textOf(route));
  return [
    ...actual
      .filter((route) => !isWanted(route))
      .map(({ podCidr }) => `route delete ${podCidr} proto ${routeProtocol}`),
    ...wanted
      .filter((route) => !isThere(route))
      .map((route) => `route replace ${textOf(route)} onlink proto ${routeProtocol}`),
  ];
}

function textOf({ podCidr, via, device, source }: PodRoute): string {
  return `${podCidr} via ${via} dev ${device}${source ? ` src ${source}` : ''}`;
}
