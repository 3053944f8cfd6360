/**
 * Where a cluster lives on this machine, and what its files contain. Everything that `delete` has to remove
 * is recorded here before it is created, so that a killed `up` can be cleaned up from the files alone.
 */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { kybernVersion } from '#base/version.ts';
import { writeWholeFile } from '../files/whole-file.ts';
import type { ProcessIdentity } from '../processes/processes.ts';
import type { NamespaceNode } from './node-record.ts';

const databaseName = 'state.db';

/** Disk space reserved so that deletions succeed on a full disk. */
export function reserveOf(database: string): string {
  return `${database}.reserve`;
}

/** What `up` decided, kept for `up` again, `down` and `delete`. */
export interface ClusterConfig {
  readonly name: string;
  readonly store: string;
  readonly host: string;
  /** 0 until the first start has found a free port. */
  readonly port: number;
  readonly realNodes: 0 | 1;
  readonly simulatedNodes: number;
  readonly podRange: string;
  readonly serviceRange: string;
  /** Of load balancers' addresses, or `none`. Absent without a real node. */
  readonly balancerRange?: string;
  /** Device name of the pod bridge and name of the nft table; set only with a real node. */
  readonly bridge?: string;
  readonly table?: string;
  /** Of the last `up --address`: where other machines reach the API, and the first node's own. */
  readonly address?: string;
  /** The private link of the cluster's nodes on this machine; set once there is a node besides the first. */
  readonly link?: { readonly bridge: string; readonly range: string };
  /** Real nodes besides the first, each in a network namespace of its own. */
  readonly nodes?: readonly NamespaceNode[];
  /** `none`: the user installs the network of pods. Default `kybern`. */
  readonly network?: 'kybern' | 'none';
  /** Of the last `up --encrypt`. */
  readonly encrypt?: readonly string[];
  /** Of an `up --gateway`. */
  readonly gateway?: boolean;
  /** Of the last `up --storage-path`. */
  readonly storageDir?: string;
  /** The document of the last `up --config`, with absolute paths. */
  readonly configuration?: unknown;
}

/** What the running process records about itself. */
export interface ClusterState {
  readonly process: ProcessIdentity;
  /** The process that restarts it when it dies; none in the foreground. */
  readonly supervisor?: ProcessIdentity;
  /** Number of restarts. */
  readonly restarts?: number;
  readonly version: string;
  readonly url: string;
  readonly startedAt: string;
  readonly ready: boolean;
}

export interface ClusterPaths {
  readonly dir: string;
  readonly config: string;
  readonly state: string;
  /** Held while a command creates, starts or deletes the cluster. */
  readonly lock: string;
  readonly log: string;
  readonly kubeconfig: string;
  readonly pki: string;
  /** One line about the last death of the process, written by its supervisor. */
  readonly restarts: string;
  /** Identity of this control plane in leader election. */
  readonly identity: string;
  readonly database: string;
  /** Kubelet, containerd and CNI data. */
  readonly node: string;
  /** Sockets and containerd's state; short, since the path of a socket is limited to 107 bytes. */
  readonly run: string;
}

/** A file of a cluster exists and has unexpected contents. */
export class DamagedFile extends Error {
  readonly cluster: string;
  constructor(path: string, why: string) {
    super(`${path} cannot be read: ${why}`);
    this.cluster = basename(dirname(path));
  }
}

const namePattern = /^[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$/;

/** Held while one cluster reads the machine's routes and adds its own. */
export const upLock = '/run/kybern/up.lock';

/** What the clusters of this machine have raised of its limits of tracked flows. */
export const flowLimitsRecord = '/run/kybern/flow-limits.json';

export function kybernHome(): string {
  return homeOf(process.env, process.cwd());
}

/** Mirrors, certificates and passwords of image registries, for all clusters of this home; need not exist. */
export function registriesFile(): string {
  return join(kybernHome(), 'registries.yaml');
}

/** The home for a process with this environment and working directory. */
export function homeOf(env: Readonly<Record<string, string | undefined>>, cwd: string): string {
  return resolve(cwd, env['KYBERN_HOME'] || join(env['HOME'] || homedir(), '.kybern'));
}

/** Valid as a folder, a device and a label. */
export function isClusterName(name: string): boolean {
  return namePattern.test(name);
}

/** Throws for an invalid cluster name. */
export function clusterPaths(name: string): ClusterPaths {
  if (!isClusterName(name)) throw new Error(`"${name}" is no cluster name`);
  const dir = join(kybernHome(), 'clusters', name);
  return {
    dir,
    config: join(dir, 'config.json'),
    state: join(dir, 'state.json'),
    lock: join(dir, 'up.lock'),
    log: join(dir, 'kybern.log'),
    kubeconfig: join(dir, 'admin.kubeconfig'),
    pki: join(dir, 'pki'),
    identity: join(dir, 'identity'),
    restarts: join(dir, 'restarts'),
    database: join(dir, databaseName),
    node: join(dir, 'node'),
    run: join('/run/kybern', shortName(name)),
  };
}

/**
 * Ten characters that identify a cluster, also among those of several homes: used in names of devices and
 * sockets.
 */
export function shortName(name: string, home = kybernHome()): string {
  return createHash('sha256').update(join(home, name)).digest('hex').slice(0, 10);
}

/** Names of the pod bridge and the nft table of a cluster with a real node. */
export function deviceNames(name: string): { readonly bridge: string; readonly table: string } {
  const short = shortName(name);
  return { bridge: `kyb${short}`, table: `kybern_${short}` };
}

/** Name of the bridge that joins the nodes of a cluster. */
export function linkBridge(name: string): string {
  return `kyl${shortName(name)}`;
}

export function listClusters(): string[] {
  const dir = join(kybernHome(), 'clusters');
  const names = ifThere(() => readdirSync(dir)) ?? [];
  return names.filter((name) => existsSync(join(dir, name, 'config.json'))).sort();
}

export function readConfig(paths: ClusterPaths): ClusterConfig | undefined {
  return readJson(paths.config, isConfig);
}

export function writeConfig(paths: ClusterPaths, config: ClusterConfig): void {
  writeJson(paths.config, config);
}

export function writeState(paths: Pick<ClusterPaths, 'state'>, state: ClusterState): void {
  writeJson(paths.state, state);
}

/** The state of a process that has just started. */
export function startingState(process: ProcessIdentity, supervisor?: ProcessIdentity): ClusterState {
  const startedAt = new Date().toISOString();
  return { process, supervisor, version: kybernVersion, url: '', startedAt, ready: false };
}

export function removeState(paths: Pick<ClusterPaths, 'state'>): void {
  rmSync(paths.state, { force: true });
}

/** The state last written, whether the process still runs or not; see `running-state.ts`. */
export function readState(paths: Pick<ClusterPaths, 'state'>): ClusterState | undefined {
  return readJson(paths.state, isState);
}

function readJson<T>(path: string, isWhole: (value: Partial<T> | null) => boolean): T | undefined {
  const text = ifThere(() => readFileSync(path, 'utf8'));
  if (text === undefined) return undefined;
  const value = parse(path, text);
  if (!isWhole(value)) throw new DamagedFile(path, 'it does not say what it should');
  return value;
}

function parse(path: string, text: string) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DamagedFile(path, (error as Error).message);
  }
}

/** A minimal check: the file is written whole or not at all. */
function isConfig(config: Partial<ClusterConfig> | null): boolean {
  return typeof config?.name === 'string' && typeof config.realNodes === 'number';
}

function isState(state: Partial<ClusterState> | null): boolean {
  return typeof state?.process?.pid === 'number' && typeof state.process.startTicks === 'string';
}

/** Undefined only if the file does not exist: an unreadable file throws. */
function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Uses the store's reserve: a cluster must start on a full disk, or nothing could be deleted in it. */
function writeJson(path: string, value: unknown): void {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  try {
    writeWholeFile(path, text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    rmSync(reserveOf(join(dirname(path), databaseName)), { force: true });
    writeWholeFile(path, text);
  }
}
