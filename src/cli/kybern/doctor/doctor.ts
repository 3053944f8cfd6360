/** `kybern doctor`: checks what this machine lacks for a real node, and how to get it. */

import { existsSync, readdirSync } from 'node:fs';
import { clusterPaths, listClusters, readConfig } from '#host/home/cluster-home.ts';
import { isRestarting, readRunningState } from '#host/home/running-state.ts';
import { isCgroupV2 } from '#host/kernel/capabilities.ts';
import { propagationAt } from '#host/kernel/mount-propagation.ts';
import { readNetworkFacts } from '#host/network/network-facts.ts';
import { programPath } from '#host/processes/program-path.ts';
import { defineCommand } from '../../shared/command.ts';
import { problemOf } from '../../shared/problem.ts';
import type { Finding } from './finding.ts';
import { type ClusterNetwork, networkFindings } from './network-findings.ts';

/** Program and the Debian package that contains it. */
const programs: readonly [string, string][] = [
  ['containerd', 'containerd'],
  ['runc', 'runc'],
  ['nft', 'nftables'],
  ['ip', 'iproute2'],
  ['catatonit', 'catatonit'],
];

export const doctor = defineCommand((program, context) => {
  program
    .command('doctor')
    .description('check what this machine can run')
    .action(async () => {
      const findings = [
        ...machineFindings(),
        ...(await propagationFindings()),
        ...(await machineNetworkFindings()),
        ...clusterFindings(),
      ];
      for (const finding of findings) {
        context.print(`${wordFor(finding)}  ${finding.what}${finding.hint ? ` (${finding.hint})` : ''}`);
      }
      if (findings.some((finding) => !finding.ok)) process.exitCode = 1;
    });
});

function wordFor({ ok, hint }: Finding): string {
  if (!ok) return 'lack';
  return hint ? 'note' : 'ok  ';
}

/** The first missing requirement of a real node, or undefined. */
export function missingForRealNode(): { what: string; hint: string } | undefined {
  const lacking = machineFindings().find((finding) => !finding.ok);
  if (!lacking) return undefined;
  const hint = `${lacking.hint ?? 'run: kybern doctor'}, or start without real containers: kybern up --nodes 0 --simulated 1`;
  return { what: `this machine cannot run a real node: ${lacking.what}`, hint };
}

function machineFindings(): Finding[] {
  const system = finding(
    process.platform === 'linux',
    `operating system ${process.platform}`,
    'real containers need Linux',
  );
  if (!system.ok) return [system];
  const root = process.getuid?.() === 0;
  return [
    system,
    finding(root, `user ${root ? 'root' : process.getuid?.()}`, 'real containers need root: try sudo'),
    ...programs.map(([name, debianPackage]) =>
      finding(inPath(name), `program ${name}`, `apt-get install ${debianPackage}`),
    ),
    finding(
      existsSync('/usr/lib/cni/bridge') && existsSync('/usr/lib/cni/host-local'),
      'CNI plugins',
      'apt-get install containernetworking-plugins',
    ),
    cgroupFinding(),
  ];
}

/** Only pods that use mount propagation need it. */
async function propagationFindings(): Promise<Finding[]> {
  if (process.platform !== 'linux') return [];
  if ((await propagationAt('/')).shared) return [{ ok: true, what: 'mounts of / are shared' }];
  const hint = 'volumeMounts with mountPropagation of host paths need: mount --make-rshared /';
  return [{ ok: true, what: 'mounts of / are private', hint }];
}

async function machineNetworkFindings(): Promise<Finding[]> {
  if (process.platform !== 'linux') return [];
  return networkFindings(await readNetworkFacts(), listClusters().flatMap(clusterNetwork));
}

/** None for a cluster without a real node, or with a damaged configuration, which is reported with the clusters. */
function clusterNetwork(name: string): ClusterNetwork[] {
  try {
    const paths = clusterPaths(name);
    const config = readConfig(paths);
    if (!config?.bridge) return [];
    const { podRange, serviceRange, bridge } = config;
    return [{ name, podRange, serviceRange, bridge, isUp: readRunningState(name, paths) !== undefined }];
  } catch {
    return [];
  }
}

function cgroupFinding(): Finding {
  const v2 = isCgroupV2();
  const v1 = existsSync('/sys/fs/cgroup') && readdirSync('/sys/fs/cgroup').includes('memory');
  return finding(v1 || v2, `control groups ${v2 ? 'v2' : v1 ? 'v1' : 'none'}`, 'mount /sys/fs/cgroup');
}

/** The hint is shown if the check fails. */
function finding(ok: boolean, what: string, hint: string): Finding {
  return ok ? { ok, what } : { ok, what, hint };
}

function clusterFindings(): Finding[] {
  return listClusters().map((name) => {
    try {
      return clusterFinding(name);
    } catch (error) {
      const { message, hint } = problemOf(error);
      return finding(false, `cluster ${name}: ${message}`, hint);
    }
  });
}

function clusterFinding(name: string): Finding {
  const paths = clusterPaths(name);
  const running = readRunningState(name, paths);
  const crashed = !running && existsSync(paths.state);
  if (running && isRestarting(running)) {
    return finding(
      false,
      `cluster ${name} died and is being restarted`,
      `kybern logs --name ${name} says why`,
    );
  }
  const phase = running ? 'is up' : crashed ? 'ended without being stopped' : 'is down';
  const what = `cluster ${name} ${phase} (${readConfig(paths)?.store})`;
  return finding(!crashed, what, `kybern up --name ${name} resumes it`);
}

function inPath(name: string): boolean {
  return programPath(name, ['/usr/sbin', '/sbin']) !== undefined;
}
