/** `kybern status`: what one cluster is and does; as text or JSON. */

import { readFileSync } from 'node:fs';
import { clusterPaths, readRunningState } from '#host/cluster-home.ts';
import { systemClock } from '#host/system-env.ts';
import { adminTransport } from './admin-transport.ts';
import { configOf, nameOption } from './cluster-option.ts';
import { defineCommand } from './command.ts';
import { outputOption } from './output-option.ts';

export interface ClusterStatus {
  readonly name: string;
  readonly phase: 'running' | 'starting' | 'unreachable' | 'down' | 'damaged';
  readonly pid?: number;
  readonly version?: string;
  readonly url?: string;
  readonly store: string;
  readonly nodes: { readonly name: string; readonly ready: boolean }[];
  readonly uptimeSeconds?: number;
}

export const status = defineCommand((program, context) => {
  program
    .command('status')
    .description('what a cluster is and does')
    .addOption(nameOption())
    .addOption(outputOption())
    .action(async ({ name, output }: { name: string; output: string }) => {
      const found = await clusterStatus(name);
      context.print(output === 'json' ? JSON.stringify(found, null, 2) : asText(found));
      if (found.phase !== 'running') process.exitCode = 1;
    });
});

export async function clusterStatus(name: string): Promise<ClusterStatus> {
  const paths = clusterPaths(name);
  const config = configOf(name);
  const running = readRunningState(paths);
  if (!running) return { name, phase: 'down', store: config.store, nodes: [] };
  const base = {
    name,
    pid: running.process.pid,
    version: running.version,
    url: running.url,
    store: config.store,
    uptimeSeconds: Math.round((systemClock.now() - Date.parse(running.startedAt)) / 1000),
  };
  if (!running.ready) return { ...base, phase: 'starting', nodes: [] };
  try {
    return { ...base, phase: 'running', nodes: await nodesOf(readFileSync(paths.kubeconfig, 'utf8')) };
  } catch {
    return { ...base, phase: 'unreachable', nodes: [] };
  }
}

interface NodeView {
  metadata: { name: string };
  status?: { conditions?: { type: string; status: string }[] };
}

async function nodesOf(kubeconfig: string): Promise<ClusterStatus['nodes']> {
  const { client, close } = adminTransport(kubeconfig);
  try {
    const list = (await client.raw('GET', '/api/v1/nodes')) as { items: NodeView[] };
    return list.items.map((node) => ({
      name: node.metadata.name,
      ready: node.status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false,
    }));
  } finally {
    await close();
  }
}

function asText(found: ClusterStatus): string {
  const ready = found.nodes.filter((node) => node.ready).length;
  const rows: [string, string][] = [
    ['cluster', found.name],
    ['phase', found.phase],
    ['api', found.url ?? '-'],
    ['process', found.pid === undefined ? '-' : String(found.pid)],
    ['version', found.version ?? '-'],
    ['store', found.store],
    ['nodes', `${ready} ready of ${found.nodes.length}`],
    ['uptime', found.uptimeSeconds === undefined ? '-' : `${found.uptimeSeconds}s`],
  ];
  return rows.map(([name, value]) => `${name.padEnd(9)}${value}`).join('\n');
}
