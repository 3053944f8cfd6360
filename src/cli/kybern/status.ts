/** `kybern status`: the state of one cluster, as text or JSON. */

import { readFileSync } from 'node:fs';
import { clusterPaths } from '#host/home/cluster-home.ts';
import { isRestarting, readRunningState } from '#host/home/running-state.ts';
import { systemClock } from '#host/system-env.ts';
import { type ApiView, viewOfApi } from '../shared/api-view.ts';
import { configOf, nameOption } from '../shared/cluster-option.ts';
import { defineCommand } from '../shared/command.ts';
import { outputOption } from '../shared/output-option.ts';
import { type Restarts, readRestarts, restartsText } from './restarts.ts';

/** A process that hangs must not make this command hang. */
const answerLimitMs = 5_000;

export interface ClusterStatus {
  readonly name: string;
  /** Running: its API is ready. Unready: it answers, but is not ready. */
  readonly phase: 'running' | 'unready' | 'starting' | 'restarting' | 'unreachable' | 'down' | 'damaged';
  readonly pid?: number;
  readonly version?: string;
  readonly url?: string;
  readonly store: string;
  /** Failing checks of the API server's `/readyz`, when it answers. */
  readonly failing?: ApiView['failing'];
  readonly nodes: ApiView['nodes'];
  readonly uptimeSeconds?: number;
  /** Deaths of the process, each followed by a restart. */
  readonly restarts?: Restarts;
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

export async function clusterStatus(name: string, limitMs = answerLimitMs): Promise<ClusterStatus> {
  const paths = clusterPaths(name);
  const config = configOf(name);
  const running = readRunningState(name, paths);
  if (!running) return { name, phase: 'down', store: config.store, nodes: [] };
  const base = {
    name,
    pid: running.process.pid,
    version: running.version,
    url: running.url,
    store: config.store,
    uptimeSeconds: Math.round((systemClock.now() - Date.parse(running.startedAt)) / 1000),
    restarts: readRestarts(paths.restarts),
  };
  if (isRestarting(running)) return { ...base, phase: 'restarting', nodes: [] };
  if (!running.ready) return { ...base, phase: 'starting', nodes: [] };
  try {
    const view = await viewOfApi(readFileSync(paths.kubeconfig, 'utf8'), limitMs);
    return { ...base, phase: view.failing.length === 0 ? 'running' : 'unready', ...view };
  } catch {
    return { ...base, phase: 'unreachable', nodes: [] };
  }
}

function readyText({ phase, failing }: ClusterStatus): string {
  if (!failing) return phase === 'unreachable' ? 'no: it does not answer' : '-';
  return failing.length === 0 ? 'yes' : `no: ${failing.join(', ')} failed`;
}

export function asText(found: ClusterStatus): string {
  const ready = found.nodes.filter((node) => node.ready).length;
  const rows: [string, string][] = [
    ['cluster', found.name],
    ['phase', found.phase],
    ['api', found.url ?? '-'],
    ['ready', readyText(found)],
    ['process', found.pid === undefined ? '-' : String(found.pid)],
    ['version', found.version ?? '-'],
    ['store', found.store],
    ['nodes', `${ready} ready of ${found.nodes.length}`],
    ['uptime', found.uptimeSeconds === undefined ? '-' : `${found.uptimeSeconds}s`],
    ...(found.restarts ? [['restarts', restartsText(found.restarts)] as [string, string]] : []),
  ];
  return rows.map(([name, value]) => `${name.padEnd(9)}${value}`).join('\n');
}
