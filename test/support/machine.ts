/** What a cluster could leave behind on this machine, as lines to compare before and after. */

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { shortName } from '#host/home/cluster-home.ts';

interface Named {
  readonly name: string;
  readonly home: string;
}

/**
 * The cluster's processes, and all mounts, network namespaces, links, routes, nft tables, cgroups and
 * run-time folders. Clusters of other homes come and go beside the test: what bears their names is left out.
 */
export function machineState(cluster: Named): string[] {
  return [
    ...processes(cluster),
    ...readFileSync('/proc/self/mounts', 'utf8')
      .trim()
      .split('\n')
      .map((line) => `mount ${line.split(' ').slice(0, 3).join(' ')}`),
    ...lines('ip', ['-o', 'link', 'show']).map(linkLine),
    ...lines('ip', ['-4', 'route', 'show']).map((line) => `route ${line}`),
    ...lines('nft', ['list', 'tables']).map((line) => `nft ${line}`),
    ...['/run/kybern', '/run/netns', cniResults].flatMap(folder),
    ...cgroups(),
  ]
    .filter((line) => !isForeign(line, ownSign(cluster)) && !isMountOfAnother(line, cluster))
    .sort();
}

/** Once nothing has changed for a second: the kernel takes a dead namespace's links away in its own time. */
export async function settledMachineState(cluster: Named): Promise<string[]> {
  for (let last = machineState(cluster); ; ) {
    await wait(1000);
    const now = machineState(cluster);
    if (now.join() === last.join()) return now;
    last = now;
  }
}

const cniResults = '/var/lib/cni/results';

/** Ten characters that the names of all a cluster's devices, tables, folders and cgroups carry. */
function ownSign({ name, home }: Named): string {
  return shortName(name, home);
}

function isForeign(line: string, own: string): boolean {
  const sign = line.match(/(?:\bkyb|\bkybern[_-]|\/run\/kybern\/)([0-9a-f]{10})\b/)?.[1];
  return sign !== undefined && sign !== own;
}

/** Volumes of a pod of another test's cluster. */
function isMountOfAnother(line: string, { home }: Named): boolean {
  const folder = line.match(/^mount \S+ (\S+\/kybern-(?:test|kubelet)-[^/\s]+)\//)?.[1];
  return folder !== undefined && folder !== home;
}

/** With the bridge that a pod's link is attached to, which shows whose it is. */
function linkLine(line: string): string {
  return `link ${line.split(': ')[1]} ${line.match(/ master (\S+)/)?.[1] ?? ''}`;
}

/** All that run in the cluster's control groups or were started with its home. */
function processes(cluster: Named): string[] {
  const group = `kybern-${ownSign(cluster)}/`;
  const variable = `KYBERN_HOME=${cluster.home}`;
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      const about = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8');
      try {
        const ours = about('environ').split('\0').includes(variable) || about('cgroup').includes(group);
        return ours ? [`process ${pid} ${about('cmdline').replaceAll('\0', ' ')}`] : [];
      } catch {
        // It has ended.
        return [];
      }
    });
}

function lines(program: string, args: readonly string[]): string[] {
  return execFileSync(program, args, { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '');
}

function folder(path: string): string[] {
  return existsSync(path) ? readdirSync(path).map((name) => `folder ${path}/${name}`) : [];
}

function cgroups(): string[] {
  const root = '/sys/fs/cgroup';
  if (!existsSync(root)) return [];
  const hierarchies = existsSync(`${root}/cgroup.controllers`)
    ? [root]
    : readdirSync(root).map((name) => `${root}/${name}`);
  return hierarchies.flatMap((path) =>
    existsSync(path)
      ? readdirSync(path)
          .filter((name) => name.includes('kybern') || name.includes('kubepods'))
          .map((name) => `cgroup ${path}/${name}`)
      : [],
  );
}
