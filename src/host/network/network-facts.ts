/** What of this machine's network settings can stand in a cluster's way: read, never changed. */

import { readdir, readFile } from 'node:fs/promises';
import { type CommandResult, tryCommand } from '../processes/command.ts';
import { chooseNameServers } from './resolv-conf.ts';

/** A base chain that drops what passes through the machine unless a rule accepts it. */
export interface ForwardDrop {
  /** The program whose rules they are. */
  readonly by: 'iptables-nft' | 'iptables-legacy' | 'nft';
  /** `ip filter FORWARD`. */
  readonly chain: string;
  /** All rules of its table, a line each. */
  readonly rules: string;
}

export interface NetworkFacts {
  /** Undefined where the kernel does not say. */
  readonly forwarding: boolean | undefined;
  /** Devices (`all` among them) and their `rp_filter`. */
  readonly reversePath: Readonly<Record<string, number>>;
  readonly forwardDrops: readonly ForwardDrop[];
  readonly firewalld: boolean;
  readonly ufw: boolean;
  /** Number of rules, by flavour of iptables. */
  readonly iptablesRules: { readonly nft: number; readonly legacy: number };
  /** Bridged packets pass through iptables, too. */
  readonly bridgeCalls: boolean;
  readonly nameservers: readonly string[];
  readonly links: readonly { readonly name: string; readonly mtu: number }[];
  readonly routes: readonly { readonly dst: string; readonly dev: string }[];
  readonly inotify: { readonly instances: number | undefined; readonly watches: number | undefined };
  /** Most open files that a process may be given. */
  readonly openFiles: number | undefined;
  /** Undefined where connections are not tracked. */
  readonly trackedFlows: { readonly count: number; readonly max: number } | undefined;
}

const sysctls = '/proc/sys';
const probeMs = 5000;

export async function readNetworkFacts(): Promise<NetworkFacts> {
  const [forwarding, reversePath, firewall, names, devices, limits] = await Promise.all([
    sysctl('net/ipv4/ip_forward'),
    readReversePath(),
    readFirewall(),
    readNames(),
    readDevices(),
    readLimits(),
  ]);
  return {
    forwarding: forwarding === undefined ? undefined : forwarding === 1,
    reversePath,
    ...firewall,
    nameservers: names,
    ...devices,
    ...limits,
  };
}

async function readReversePath(): Promise<Record<string, number>> {
  const folder = 'net/ipv4/conf';
  const devices = await readdir(`${sysctls}/${folder}`).catch(() => []);
  const values = await Promise.all(devices.map((device) => sysctl(`${folder}/${device}/rp_filter`)));
  return Object.fromEntries(devices.map((device, i) => [device, values[i] ?? 0]));
}

type Firewall = Pick<NetworkFacts, 'forwardDrops' | 'firewalld' | 'ufw' | 'iptablesRules' | 'bridgeCalls'>;

async function readFirewall(): Promise<Firewall> {
  const [ruleset, legacy, ufwFile, bridgeCalls] = await Promise.all([
    // Without the elements of sets: services are many.
    output('nft', ['-t', 'list', 'ruleset']),
    // Reading the rules of legacy iptables loads its kernel module where it is not used.
    usesLegacy().then((isUsed) => (isUsed ? output('iptables-legacy-save', []) : '')),
    text('/etc/ufw/ufw.conf'),
    sysctl('net/bridge/bridge-nf-call-iptables'),
  ]);
  return {
    forwardDrops: [...nftForwardDrops(ruleset), ...legacyForwardDrops(legacy)],
    firewalld: /^table \w+ firewalld /m.test(ruleset),
    ufw: /^\s*ENABLED\s*=\s*yes/im.test(ufwFile ?? ''),
    iptablesRules: {
      nft: compatibleTables(ruleset).reduce((sum, { rules }) => sum + ruleCount(rules), 0),
      legacy: (legacy.match(/^-A /gm) ?? []).length,
    },
    bridgeCalls: bridgeCalls === 1,
  };
}

async function usesLegacy(): Promise<boolean> {
  return ((await text('/proc/net/ip_tables_names')) ?? '').trim() !== '';
}

interface NftTable {
  readonly family: string;
  readonly name: string;
  readonly rules: string;
}

/** Of `nft list ruleset`, whose tables end with a brace in the first column. */
export function nftTables(ruleset: string): NftTable[] {
  const tables = ruleset.matchAll(/^table (\w+) (\S+) \{\n([\s\S]*?)^\}/gm);
  return [...tables].map(([, family = '', name = '', rules = '']) => ({ family, name, rules }));
}

/** Those that iptables-nft makes. */
function compatibleTables(ruleset: string): NftTable[] {
  const names = ['filter', 'nat', 'mangle', 'raw', 'security'];
  return nftTables(ruleset).filter(
    ({ family, name, rules }) =>
      (family === 'ip' || family === 'ip6') && names.includes(name) && /chain [A-Z]+ \{/.test(rules),
  );
}

/** Rules are the lines within chains that are neither their hook nor a brace. */
function ruleCount(rules: string): number {
  return (rules.match(/^\t\t(?!type )\S.*$/gm) ?? []).length;
}

export function nftForwardDrops(ruleset: string): ForwardDrop[] {
  const compatible = compatibleTables(ruleset).map(({ family, name }) => `${family} ${name}`);
  return nftTables(ruleset).flatMap(({ family, name, rules }) =>
    [...rules.matchAll(/^\tchain (\S+) \{\n\t\ttype filter hook forward [^\n]*policy drop;/gm)]
      .filter(() => family === 'ip' || family === 'inet')
      .map(([, chain]) => ({
        by: compatible.includes(`${family} ${name}`) ? 'iptables-nft' : 'nft',
        chain: `${family} ${name} ${chain}`,
        rules,
      })),
  );
}

/** Of `iptables-legacy-save`. */
export function legacyForwardDrops(saved: string): ForwardDrop[] {
  if (!/^:FORWARD DROP/m.test(saved)) return [];
  return [{ by: 'iptables-legacy', chain: 'filter FORWARD', rules: saved }];
}

async function readNames(): Promise<readonly string[]> {
  const files = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'];
  const [machine, resolved] = await Promise.all(files.map(text));
  return chooseNameServers(machine, resolved);
}

async function readDevices(): Promise<Pick<NetworkFacts, 'links' | 'routes'>> {
  const [links, routes] = await Promise.all([
    output('ip', ['-j', 'link', 'show']),
    output('ip', ['-j', '-4', 'route', 'show']),
  ]);
  return {
    links: listOf<{ ifname: string; mtu: number }>(links).map(({ ifname, mtu }) => ({ name: ifname, mtu })),
    routes: listOf<{ dst: string; dev?: string }>(routes).map(({ dst, dev = '' }) => ({ dst, dev })),
  };
}

type Limits = Pick<NetworkFacts, 'inotify' | 'openFiles' | 'trackedFlows'>;

async function readLimits(): Promise<Limits> {
  const [instances, watches, count, max, limits] = await Promise.all([
    sysctl('fs/inotify/max_user_instances'),
    sysctl('fs/inotify/max_user_watches'),
    sysctl('net/netfilter/nf_conntrack_count'),
    sysctl('net/netfilter/nf_conntrack_max'),
    text('/proc/self/limits'),
  ]);
  const openFiles = /^Max open files\s+\S+\s+(\d+)/m.exec(limits ?? '')?.[1];
  return {
    inotify: { instances, watches },
    openFiles: openFiles === undefined ? undefined : Number(openFiles),
    trackedFlows: count === undefined || max === undefined ? undefined : { count, max },
  };
}

async function sysctl(path: string): Promise<number | undefined> {
  const value = await text(`${sysctls}/${path}`);
  return value === undefined || value.trim() === '' ? undefined : Number(value);
}

async function text(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

/** Empty when the program is not there or fails. */
async function output(program: string, args: readonly string[]): Promise<string> {
  const failed: CommandResult = { code: 1, stdout: '', stderr: '' };
  const result = await tryCommand(program, args, { timeoutMs: probeMs }).catch(() => failed);
  return result.code === 0 ? result.stdout : '';
}

function listOf<T>(json: string): T[] {
  return json.trim() === '' ? [] : (JSON.parse(json) as T[]);
}
