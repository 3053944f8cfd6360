/**
 * `kybern join`: makes this machine a node of a cluster on another machine, as `kubeadm join` does, and starts the node's
 * process in the background. Without a URL it starts the node again that this machine has.
 *
 *   1. discovery: signed cluster-info, pinned authority
 *   2. the cluster's configuration, and whether the node's name is free
 *   3. write the node's folder; start its process, which gets its certificate by the token
 *   On failure nothing is left behind.
 */

import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join as joinPath } from 'node:path';
import { bootstrapTokenPattern, parseBootstrapToken } from '#api/values/bootstrap-token.ts';
import { overlap, parseCidr } from '#base/net/cidr.ts';
import { routedRanges } from '#base/net/ranges.ts';
import { type AgentPaths, readAgentConfig, writeAgentConfig } from '#host/home/agent-home.ts';
import { kybernHome, readState, upLock } from '#host/home/cluster-home.ts';
import { withMachineLock } from '#host/home/machine-lock.ts';
import { machineRoutes } from '#host/network/bridge.ts';
import { sourceAddressTo } from '#host/network/source-address.ts';
import { isAlive } from '#host/processes/processes.ts';
import { kubeconfig, kubeconfigYaml } from '#pki/kubeconfig.ts';
import { type CliContext, defineCommand } from '../../shared/command.ts';
import { mustBeOfMachine } from '../../shared/machine-address.ts';
import { Problem } from '../../shared/problem.ts';
import { startSupervised } from '../../shared/supervised-start.ts';
import { missingForRealNode } from '../doctor/doctor.ts';
import { type ClusterFacts, readCluster } from './cluster-facts.ts';
import type { ClusterInfo } from './cluster-info.ts';
import { discover, unreachable } from './discovery.ts';
import { chosenNode, joinedDevices, joinedNodes, joinedPaths } from './joined-machine.ts';
import { removeNode } from './remove-node.ts';

interface JoinFlags {
  readonly token?: string;
  readonly caHash?: string;
  readonly nodeName?: string;
  readonly address?: string;
}

/** What the user has given, found to be of the right form. */
interface JoinRequest {
  readonly server: string;
  readonly token: string;
  readonly caHash: string;
  readonly nodeName: string;
  readonly address?: string;
}

/** The log alone says why. */
class Unexplained extends Problem {}

const connectMs = 10_000;
const namePattern = /^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/;
const pinPattern = /^sha256:[0-9a-f]{64}$/;
const howTo = 'on a machine of the control plane: kybern token create --print-join-command';

export const join = defineCommand((program, context) => {
  program
    .command('join')
    .description('make this machine a node of a cluster on another machine')
    .argument(
      '[url]',
      'where the cluster is: https://192.0.2.7:6443; without it the node of this machine is started',
    )
    .option('--token <token>', 'of kybern token create')
    .option('--ca-hash <hash>', "sha256 of the public key of the cluster's authority, by the same command")
    .option('--node-name <name>', 'default: the name of this machine')
    .option(
      '--address <ip>',
      'address of this machine in the cluster (default: the one that leads to the URL)',
    )
    .action(async (url: string | undefined, flags: JoinFlags) => {
      if (url === undefined) await startAgain(flags.nodeName, context);
      else await joinCluster(requestOf(url, flags), context);
    });
});

async function startAgain(named: string | undefined, context: CliContext): Promise<void> {
  const node = chosenNode(named);
  const paths = joinedPaths(node);
  // Read before anything is started: an error names the file.
  readAgentConfig(paths.dir);
  const running = readState(paths)?.process;
  if (running && isAlive(running)) return context.print(`node ${node} is running`);
  await start(node, paths, context);
  context.print(`node ${node} is running again`);
}

function requestOf(url: string, { token = '', caHash = '', nodeName, address }: JoinFlags): JoinRequest {
  const server = serverOf(url);
  if (!bootstrapTokenPattern.test(token)) {
    throw new Problem('--token is not a token of six and sixteen characters, with a dot between', howTo);
  }
  if (!pinPattern.test(caHash)) {
    throw new Problem('--ca-hash is not sha256: and 64 hexadecimal digits', howTo);
  }
  const name = nodeName ?? hostname().toLowerCase();
  if (!namePattern.test(name)) {
    throw new Problem(
      `"${name}" is no name of a node`,
      'lower-case letters, digits, - and . between: --node-name NAME',
    );
  }
  if (address !== undefined) mustBeOfMachine('--address', address);
  return { server, token, caHash, nodeName: name, ...(address ? { address } : {}) };
}

/** As kubeadm, also without the scheme. */
function serverOf(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url.includes('://') ? url : `https://${url}`);
    if (protocol === 'https:' && pathname === '/') return `https://${host}`;
  } catch {
    // As any other text that is no URL.
  }
  throw new Problem(
    `${url} is not the URL of a cluster`,
    'it is printed by: kybern token create --print-join-command',
  );
}

async function joinCluster(request: JoinRequest, context: CliContext): Promise<void> {
  const { nodeName, server } = request;
  if (joinedNodes().includes(nodeName)) {
    throw new Problem(`this machine is node ${nodeName} of a cluster already`, 'first: kybern leave');
  }
  const missing = missingForRealNode();
  if (missing) throw new Problem(missing.what, missing.hint);
  const token = parseBootstrapToken(request.token);
  if (!token) throw new Problem('--token is not a token', howTo);
  const address = request.address ?? (await ownAddress(server));
  const info = await discover({ server, token, caHash: request.caHash });
  const facts = await readCluster({ server, caPem: info.caPem, token: request.token, nodeName });
  const paths = joinedPaths(nodeName);
  try {
    await withMachineLock(upLock, async () => {
      mustNotOverlap(facts, await machineRoutes());
      writeFolder(request, { ...info, server }, facts, address, paths);
    });
    await start(nodeName, paths, context);
  } catch (error) {
    const log = keepLog(nodeName, paths);
    await removeNode(nodeName);
    if (log && error instanceof Unexplained) throw new Problem(error.message, `the log says more: ${log}`);
    throw error;
  }
  context.print(`this machine is node ${nodeName} of cluster ${facts.clusterName}`);
}

async function ownAddress(server: string): Promise<string> {
  const { hostname: host, port } = new URL(server);
  try {
    return await sourceAddressTo(host, Number(port || '443'), connectMs);
  } catch (error) {
    throw unreachable(server, error);
  }
}

function mustNotOverlap({ podRange, serviceRange }: ClusterFacts, routes: readonly string[]): void {
  for (const range of [podRange, serviceRange]) {
    const taken = routedRanges(routes).find((route) => overlap(route, parseCidr(range)));
    if (!taken) continue;
    throw new Problem(
      `this machine has a route into the cluster's range ${range}`,
      'ip route shows it; a cluster or another network of this machine may have that range',
    );
  }
}

function writeFolder(
  { nodeName, token }: JoinRequest,
  { server, caPem }: ClusterInfo,
  { clusterName, podRange, serviceRange, kubelet }: ClusterFacts,
  address: string,
  paths: AgentPaths,
): void {
  mkdirSync(paths.dir, { recursive: true, mode: 0o700 });
  const ranges = { podRange, serviceRange };
  const { run } = paths;
  writeAgentConfig(paths.dir, { nodeName, address, ...ranges, ...joinedDevices(nodeName), run, kubelet });
  const bootstrap = kubeconfig({ clusterName, userName: 'tls-bootstrap-token-user', server, caPem, token });
  writeFileSync(paths.bootstrapKubeconfig, kubeconfigYaml(bootstrap), { mode: 0o600 });
}

async function start(node: string, paths: AgentPaths, context: CliContext): Promise<void> {
  const outcome = await startSupervised({ paths, words: ['agent', paths.dir], context });
  if (!outcome) return;
  if ('interrupted' in outcome) {
    throw new Problem(`node ${node} was interrupted while it was starting`, 'try it again');
  }
  const { message, hint } = outcome.failure;
  throw hint ? new Problem(message, hint) : new Unexplained(message, `the log says more: ${paths.log}`);
}

/** The log of a start that failed before anything was left; returns its path. */
function keepLog(node: string, { log }: AgentPaths): string | undefined {
  if (!existsSync(log)) return undefined;
  const kept = joinPath(kybernHome(), `${node}-failed.log`);
  copyFileSync(log, kept);
  return kept;
}
