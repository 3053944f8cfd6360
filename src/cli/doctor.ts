/** `kybern doctor`: looks at the machine and says what a real node would lack, and how to get it. */

import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { clusterPaths, listClusters, readConfig, readRunningState } from '#host/cluster-home.ts';
import { defineCommand } from './command.ts';

interface Finding {
  readonly ok: boolean;
  readonly what: string;
  readonly hint?: string;
}

/** Program and the Debian package that brings it. */
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
    .action(() => {
      const findings = [...machineFindings(), ...clusterFindings()];
      for (const one of findings)
        context.print(`${one.ok ? 'ok  ' : 'lack'}  ${one.what}${one.hint ? ` (${one.hint})` : ''}`);
      if (findings.some((one) => !one.ok)) process.exitCode = 1;
    });
});

/** The first thing that keeps a real node from running here, or undefined. */
export function missingForRealNode(): { what: string; hint: string } | undefined {
  const lacking = machineFindings().find((one) => !one.ok);
  if (!lacking) return undefined;
  const hint = `${lacking.hint ?? 'run: kybern doctor'}, or start without real containers: kybern up --nodes 0 --simulated 1`;
  return { what: `this machine cannot run a real node: ${lacking.what}`, hint };
}

function machineFindings(): Finding[] {
  const linux = process.platform === 'linux';
  const findings: Finding[] = [
    {
      ok: linux,
      what: `operating system ${process.platform}`,
      ...(linux ? {} : { hint: 'real containers need Linux' }),
    },
  ];
  if (!linux) return findings;
  const root = process.getuid?.() === 0;
  findings.push({
    ok: root,
    what: `user ${root ? 'root' : process.getuid?.()}`,
    ...(root ? {} : { hint: 'real containers need root: try sudo' }),
  });
  for (const [name, debianPackage] of programs) {
    const ok = inPath(name);
    findings.push({
      ok,
      what: `program ${name}`,
      ...(ok ? {} : { hint: `apt-get install ${debianPackage}` }),
    });
  }
  const plugins = existsSync('/usr/lib/cni/bridge') && existsSync('/usr/lib/cni/host-local');
  findings.push({
    ok: plugins,
    what: 'CNI plugins',
    ...(plugins ? {} : { hint: 'apt-get install containernetworking-plugins' }),
  });
  findings.push(cgroupFinding());
  return findings;
}

function cgroupFinding(): Finding {
  const v2 = existsSync('/sys/fs/cgroup/cgroup.controllers');
  const v1 = existsSync('/sys/fs/cgroup') && readdirSync('/sys/fs/cgroup').includes('memory');
  return {
    ok: v1 || v2,
    what: `control groups ${v2 ? 'v2' : v1 ? 'v1' : 'none'}`,
    ...(v1 || v2 ? {} : { hint: 'mount /sys/fs/cgroup' }),
  };
}

function clusterFindings(): Finding[] {
  return listClusters().map((name) => {
    const paths = clusterPaths(name);
    const running = readRunningState(paths);
    const crashed = !running && existsSync(paths.state);
    const what = `cluster ${name} ${running ? 'is up' : crashed ? 'ended without being stopped' : 'is down'} (${readConfig(paths)?.store})`;
    return { ok: !crashed, what, ...(crashed ? { hint: `kybern up --name ${name} resumes it` } : {}) };
  });
}

function inPath(name: string): boolean {
  const folders = `${process.env['PATH'] ?? ''}${delimiter}/usr/sbin${delimiter}/sbin`.split(delimiter);
  return folders.some((folder) => isExecutable(join(folder, name)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
