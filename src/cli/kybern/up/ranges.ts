/** Which ranges of addresses a cluster gets: free on this machine, and kept for its life. */

import { formatCidr, overlap, parseCidr } from '#base/net/cidr.ts';
import { findRange, ipv6PodRange, rangeOf } from '#base/net/range-list.ts';
import {
  chooseBalancerRange,
  chooseRanges,
  nodesInDefaultRange,
  type Ranges,
  routedRanges,
  simulatedRanges,
} from '#base/net/ranges.ts';
import {
  type ClusterConfig,
  clusterPaths,
  DamagedFile,
  listClusters,
  readConfig,
} from '#host/home/cluster-home.ts';
import { machineRoutes } from '#host/network/bridge.ts';
import { Problem } from '../../shared/problem.ts';

const servicesSetting = 'service-cluster-ip-range';

export async function newRanges(
  name: string,
  realNodes: number,
  simulated: number,
  services: string | undefined,
): Promise<Ranges> {
  const taken = realNodes === 0 ? [] : [...(await machineRoutes()), ...rangesOfOthers(name)];
  if (services === undefined) return realNodes === 0 ? simulatedRanges(simulated) : chooseRanges(taken);
  const ipv4 = rangeOf(services, 4);
  refuseOverlap(servicesSetting, ipv4, taken);
  const { pods } = realNodes > 0 ? chooseRanges([...taken, ipv4]) : simulatedRanges(simulated);
  refuseOverlap(servicesSetting, ipv4, [pods]);
  const second = findRange(services, 6) === undefined ? '' : `,${ipv6PodRange(pods)}`;
  return { pods: `${pods}${second}`, services };
}

function refuseOverlap(setting: string, range: string, taken: readonly string[]): void {
  const other = routedRanges(taken).find((used) => overlap(used, parseCidr(range)));
  if (!other) return;
  throw new Problem(
    `${setting} ${range} overlaps with ${formatCidr(other)}, which is in use`,
    'choose another range',
  );
}

/** Part of a link's network, whose route may contain it, or a range of its own. */
export async function balancerRangeOf(
  { name, loadBalancers }: { readonly name: string; readonly loadBalancers?: string },
  before: ClusterConfig | undefined,
  { pods, services }: Ranges,
): Promise<string> {
  const taken = [rangeOf(pods, 4), rangeOf(services, 4), ...rangesOfOthers(name)];
  if (loadBalancers === undefined) {
    return before?.balancerRange ?? chooseBalancerRange([...taken, ...(await machineRoutes())]);
  }
  if (loadBalancers === 'none') return 'none';
  if (!isRange(loadBalancers)) {
    throw new Problem(
      `${loadBalancers} is no range of IPv4 addresses`,
      'try: --load-balancers 10.232.0.0/24',
    );
  }
  refuseOverlap('--load-balancers', loadBalancers, taken);
  return formatCidr(parseCidr(loadBalancers));
}

function isRange(text: string): boolean {
  try {
    return parseCidr(text).bits >= 8;
  } catch {
    return false;
  }
}

function ipv4RangesOf({ podRange, serviceRange }: ClusterConfig): string[] {
  return [rangeOf(podRange, 4), rangeOf(serviceRange, 4)];
}

function linksOf({ link }: ClusterConfig): string[] {
  return link ? [link.range] : [];
}

function balancersOf({ balancerRange = 'none' }: ClusterConfig): string[] {
  return balancerRange === 'none' ? [] : [balancerRange];
}

/**
 * Limit of nodes for a /16; only a cluster without a real node that was created for more has a wider range.
 */
export function mustHaveRoom(ranges: Ranges, simulatedNodes: number): void {
  if (simulatedNodes <= nodesInDefaultRange || !rangeOf(ranges.pods, 4).endsWith('/16')) return;
  throw new Problem(
    `the pod range ${ranges.pods} has room for ${nodesInDefaultRange} simulated nodes`,
    `make another cluster: kybern up --name OTHER --nodes 0 --simulated ${simulatedNodes}`,
  );
}

export function rangesOfOthers(name: string): string[] {
  return configsOfOthers(name).flatMap((config) =>
    config.bridge ? [...ipv4RangesOf(config), ...linksOf(config), ...balancersOf(config)] : [],
  );
}

export function configsOfOthers(name: string): ClusterConfig[] {
  return listClusters()
    .filter((other) => other !== name)
    .flatMap((other) => readableConfig(other) ?? []);
}

/** A damaged config cannot start a cluster; what a running cluster has, the machine itself shows. */
function readableConfig(name: string): ClusterConfig | undefined {
  try {
    return readConfig(clusterPaths(name));
  } catch (error) {
    if (error instanceof DamagedFile) return undefined;
    throw error;
  }
}
