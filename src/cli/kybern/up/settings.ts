/**
 * What the flags of `kybern up` mean for a cluster: its first config, or the existing one with permitted
 * changes.
 */

import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { readClusterConfiguration } from '#api/configuration/cluster-configuration.ts';
import { rangeOf } from '#base/net/range-list.ts';
import { chooseLinkRange } from '#base/net/ranges.ts';
import { type ClusterConfig, deviceNames, linkBridge } from '#host/home/cluster-home.ts';
import { machineRoutes } from '#host/network/bridge.ts';
import { portIsFree } from '#host/network/ports.ts';
import { mustBeOfMachine } from '../../shared/machine-address.ts';
import { Problem } from '../../shared/problem.ts';
import { readRegistriesFile } from '../../shared/registries-file.ts';
import { missingForRealNode } from '../doctor/doctor.ts';
import { newNode } from './new-node.ts';
import { balancerRangeOf, configsOfOthers, mustHaveRoom, newRanges, rangesOfOthers } from './ranges.ts';

export interface UpFlags {
  readonly name: string;
  readonly port?: number;
  readonly store?: 'sqlite' | 'memory';
  /** Real nodes on this machine. */
  readonly nodes?: number;
  /** `none`: the user installs the network of pods. */
  readonly network?: 'kybern' | 'none';
  readonly simulated?: number;
  readonly foreground?: boolean;
  readonly acceptLoss?: boolean;
  /** Where other machines reach the API. */
  readonly address?: string;
  /** Resources, separated by commas. */
  readonly encrypt?: readonly string[];
  /** A range of addresses, or `none`. */
  readonly loadBalancers?: string;
  /** Where volumes of claims lie. */
  readonly storagePath?: string;
  /** The kinds of the Gateway API are installed. */
  readonly gateway?: boolean;
  /** Path of a configuration file. */
  readonly config?: string;
  /** Set for the background process by the `up` that starts it, which has written config and state. */
  readonly prepared?: boolean;
}

/** A flag, the requested value, the cluster's value. */
type Setting = readonly [flag: string, wanted: string | number | undefined, has: string | number];

const usualPort = 6443;

/**
 * Throws for changes that are impossible. Never: another store, which would be another cluster under the same
 * name; with or without a real node, whose ranges are routed on the machine. Not while it runs: any.
 */
export function refuseChanges(
  flags: UpFlags,
  before: ClusterConfig,
  isRunning: boolean,
  configuration?: unknown,
): void {
  const { name } = flags;
  const fixed = firstChange([
    ['--store', flags.store, before.store],
    ['--network', flags.network, before.network ?? 'kybern'],
    // Others are added and removed, but never the first.
    ['--nodes', flags.nodes === 0 || before.realNodes === 0 ? flags.nodes : undefined, before.realNodes],
    ['--storage-path', storageDirOf(flags), before.storageDir ?? 'its own folder'],
  ]);
  if (fixed) {
    throw new Problem(
      `cluster ${name} was made with ${fixed.has}, and that cannot change`,
      `make another cluster: kybern up --name OTHER ${fixed.wanted}, or first: kybern delete --name ${name}`,
    );
  }
  refuseOtherNodes(flags, before);
  if (!isRunning) return;
  const changed = firstChange([
    // 0 means any port.
    ['--port', flags.port || undefined, before.port],
    ['--simulated', flags.simulated, before.simulatedNodes],
    ['--address', flags.address, before.address ?? 'none'],
    ['--gateway', flags.gateway ? 'on' : undefined, before.gateway ? 'on' : 'off'],
    ['--load-balancers', flags.loadBalancers, before.balancerRange ?? 'none'],
    ['--encrypt', flags.encrypt?.join(','), (before.encrypt ?? ['secrets']).join(',')],
  ]);
  if (changed) {
    throw new Problem(
      `cluster ${name} is running with ${changed.has}`,
      `stop it first: kybern down --name ${name}, then kybern up --name ${name} ${changed.wanted}`,
    );
  }
  if (configuration !== undefined && !isDeepStrictEqual(configuration, before.configuration)) {
    throw new Problem(
      `cluster ${name} is running with another configuration than ${flags.config}`,
      `stop it first: kybern down --name ${name}, then kybern up --name ${name} --config ${flags.config}`,
    );
  }
}

function refuseOtherNodes({ name, nodes }: UpFlags, before: ClusterConfig): void {
  const has = realNodesOf(before);
  if (nodes === undefined || nodes === has) return;
  throw new Problem(
    `cluster ${name} has ${has} real nodes`,
    `when it is running: kybern node ${nodes > has ? 'add' : 'remove NODE'} --name ${name}`,
  );
}

function realNodesOf({ realNodes, nodes = [] }: ClusterConfig): number {
  return realNodes + nodes.length;
}

function firstChange(settings: readonly Setting[]): { wanted: string; has: string } | undefined {
  const changed = settings.find(([, wanted, has]) => wanted !== undefined && wanted !== has);
  return changed && { wanted: `${changed[0]} ${changed[1]}`, has: `${changed[0]} ${changed[2]}` };
}

/** Flags override the existing config, which overrides the defaults; ranges never change. */
export async function decide(
  flags: UpFlags,
  before: ClusterConfig | undefined,
  configuration = before?.configuration,
): Promise<ClusterConfig> {
  const { name } = flags;
  const realNodes = before?.realNodes ?? (flags.nodes === 0 ? 0 : 1);
  const network = flags.network ?? before?.network;
  if (network === 'none' && realNodes === 0) refuseNetwork();
  const simulatedNodes = flags.simulated ?? before?.simulatedNodes ?? 0;
  const encrypt = flags.encrypt ?? before?.encrypt;
  const storageDir = storageDirOf(flags) ?? before?.storageDir;
  const address = flags.address ?? before?.address;
  if (address !== undefined) mustServeOthers(address, flags.address, realNodes);
  const gateway = flags.gateway ?? before?.gateway ?? false;
  if (gateway && realNodes === 0) {
    throw new Problem(
      '--gateway: Gateways are served beside a real node',
      'leave out --gateway, or use --nodes 1',
    );
  }
  const missing = realNodes === 1 ? missingForRealNode() : undefined;
  if (missing) throw new Problem(missing.what, missing.hint);
  if (realNodes === 1) readRegistriesFile();
  const services = serviceRangeOf(configuration);
  if (before) refuseOtherServices(before, services);
  const ranges = before
    ? { pods: before.podRange, services: before.serviceRange }
    : await newRanges(name, realNodes, simulatedNodes, services);
  mustHaveRoom(ranges, simulatedNodes);
  const balancerRange = realNodes === 0 ? undefined : await balancerRangeOf(flags, before, ranges);
  const decided = {
    name,
    store: flags.store ?? before?.store ?? 'sqlite',
    host: before?.host ?? '127.0.0.1',
    port: flags.port ?? before?.port ?? (await defaultPort(name)),
    realNodes,
    simulatedNodes,
    podRange: ranges.pods,
    serviceRange: ranges.services,
    ...(balancerRange ? { balancerRange } : {}),
    ...(realNodes ? deviceNames(name) : {}),
    ...(configuration === undefined ? {} : { configuration }),
    ...(address === undefined ? {} : { address }),
    ...(gateway ? { gateway } : {}),
    ...(encrypt ? { encrypt } : {}),
    ...(storageDir ? { storageDir } : {}),
    ...(network ? { network } : {}),
  };
  return before ? withLinkOf(decided, before) : withNodes(decided, flags.nodes ?? realNodes);
}

function refuseNetwork(): never {
  throw new Problem('simulated nodes have no network of pods', 'leave out --network');
}

function withLinkOf(decided: ClusterConfig, { link, nodes }: ClusterConfig): ClusterConfig {
  return { ...decided, ...(link ? { link } : {}), ...(nodes ? { nodes } : {}) };
}

/** A new cluster with `count` real nodes. Only one that has others, or whose pods have a network of the user's, has a link. */
async function withNodes(decided: ClusterConfig, count: number): Promise<ClusterConfig> {
  if (count < 2 && decided.network !== 'none') return decided;
  let config = await withLink(decided);
  for (let made = 1; made < count; made++) {
    config = { ...config, nodes: [...(config.nodes ?? []), newNode(config, {})] };
  }
  return config;
}

/** The config with a link: its own, or one of a free range. */
export async function withLink(config: ClusterConfig): Promise<ClusterConfig> {
  if (config.link) return config;
  const taken = [
    ...(await machineRoutes()),
    ...rangesOfOthers(config.name),
    rangeOf(config.podRange, 4),
    rangeOf(config.serviceRange, 4),
  ];
  return { ...config, link: { bridge: linkBridge(config.name), range: chooseLinkRange(taken) } };
}

/** The address of an earlier `up` may be away today: then the start says so. */
function mustServeOthers(address: string, given: string | undefined, realNodes: number): void {
  if (realNodes === 0) {
    throw new Problem(
      `--address ${address}: other machines join only a cluster with a real node`,
      'leave out --address, or make the cluster with --nodes 1',
    );
  }
  if (given !== undefined) mustBeOfMachine('--address', given);
}

/** Absolute: the cluster's process runs in another directory. */
function storageDirOf({ storagePath }: UpFlags): string | undefined {
  return storagePath === undefined ? undefined : resolve(storagePath);
}

function serviceRangeOf(configuration: unknown): string | undefined {
  if (configuration === undefined) return undefined;
  return readClusterConfiguration(configuration).arguments['service-cluster-ip-range'];
}

function refuseOtherServices({ name, serviceRange }: ClusterConfig, wanted = serviceRange): void {
  if (wanted === serviceRange) return;
  throw new Problem(
    `cluster ${name} was made with service-cluster-ip-range ${serviceRange}, and that cannot change`,
    `make another cluster: kybern up --name OTHER, or first: kybern delete --name ${name}`,
  );
}

/** Upstream's port, unless another cluster of this user (running or stopped) or another program uses it. */
async function defaultPort(name: string): Promise<number> {
  const used = configsOfOthers(name).some((config) => config.port === usualPort);
  return !used && (await portIsFree('127.0.0.1', usualPort)) ? usualPort : 0;
}
