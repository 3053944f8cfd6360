/** Where a node with a process of its own keeps its files, and what the process is started with. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWholeFile } from '../files/whole-file.ts';
import type { NodePaths } from './node-home.ts';

/** Written once by what makes the node; its ranges are the cluster's. */
export interface AgentConfig {
  readonly nodeName: string;
  /** The node's InternalIP, one of the machine's addresses. */
  readonly address: string;
  readonly podRange: string;
  readonly serviceRange: string;
  /** Device name of the pod bridge and name of the nft table. */
  readonly bridge: string;
  readonly table: string;
  /** The folder of sockets; short, since the path of a socket is limited to 107 bytes. */
  readonly run: string;
  /** Where volumes of claims lie. Default: with the node's other files. */
  readonly storageDir?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Of a Node that is registered for the first time. */
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  /** Pods have the user's own network. */
  readonly ownPodNetwork?: boolean;
  /** A KubeletConfiguration. Default: as an empty one has it. */
  readonly kubelet?: unknown;
}

export interface AgentPaths extends NodePaths {
  readonly dir: string;
  readonly config: string;
  readonly state: string;
  /** Held while a command creates, starts or deletes the node. */
  readonly lock: string;
  readonly log: string;
  /** One line about the last death of the process, written by its supervisor. */
  readonly restarts: string;
  /** With the node's certificate. */
  readonly kubeconfig: string;
  /** With a bootstrap token; removed as soon as the node has its certificate. */
  readonly bootstrapKubeconfig: string;
  /** Keys and certificates. */
  readonly pki: string;
}

export function agentPaths(dir: string, run: string): AgentPaths {
  return {
    dir,
    config: configFile(dir),
    state: join(dir, 'state.json'),
    lock: join(dir, 'agent.lock'),
    log: join(dir, 'agent.log'),
    restarts: join(dir, 'restarts'),
    kubeconfig: join(dir, 'kubelet.kubeconfig'),
    bootstrapKubeconfig: join(dir, 'bootstrap.kubeconfig'),
    pki: join(dir, 'pki'),
    node: join(dir, 'node'),
    run,
  };
}

/** Throws an Error that names the file where it is not what `writeAgentConfig` has written. */
export function readAgentConfig(dir: string): AgentConfig {
  const path = configFile(dir);
  const config: Partial<AgentConfig> | null = parsed(path, readFileSync(path, 'utf8'));
  const texts = [config?.nodeName, config?.address, config?.podRange, config?.serviceRange, config?.run];
  const isWhole = texts.every((text) => typeof text === 'string');
  if (!isWhole) throw new Error(`${path} is not a node's configuration`);
  return config as AgentConfig;
}

export function writeAgentConfig(dir: string, config: AgentConfig): void {
  writeWholeFile(configFile(dir), `${JSON.stringify(config, null, 2)}\n`);
}

function configFile(dir: string): string {
  return join(dir, 'agent.json');
}

function parsed(path: string, text: string) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} cannot be read: ${(error as Error).message}`);
  }
}
