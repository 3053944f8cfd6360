/** What a cluster could leave behind on this machine, as lines to compare before and after. */

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/** Processes, mounts, network namespaces, links, routes, nft tables, cgroups and run-time folders of kybern. */
export function machineState(): string[] {
  return [
    ...processes(),
    ...readFileSync('/proc/self/mounts', 'utf8')
      .trim()
      .split('\n')
      .map((line) => `mount ${line.split(' ').slice(0, 3).join(' ')}`),
    ...lines('ip', ['-o', 'netns', 'list']).map((line) => `netns ${line.split(' ')[0]}`),
    ...lines('ip', ['-o', 'link', 'show']).map((line) => `link ${line.split(': ')[1]}`),
    ...lines('ip', ['-4', 'route', 'show']).map((line) => `route ${line}`),
    ...lines('nft', ['list', 'tables']).map((line) => `nft ${line}`),
    ...folder('/run/kybern'),
    ...folder('/run/netns'),
    ...cgroups(),
  ].sort();
}

/** Once nothing has changed for a second: the kernel takes a dead namespace's links away in its own time. */
export async function settledMachineState(): Promise<string[]> {
  for (let last = machineState(); ; ) {
    await wait(1000);
    const now = machineState();
    if (now.join() === last.join()) return now;
    last = now;
  }
}

/** Long-lived programs of a cluster; this test's own children come and go. */
function processes(): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return /containerd|up --foreground|catatonit|\/pause/.test(command)
          ? [`process ${pid} ${command}`]
          : [];
      } catch {
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
