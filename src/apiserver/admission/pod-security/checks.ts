/**
 * The Pod Security Standards: which checks a level has in which version of Kubernetes, in upstream's order, and what
 * is wrong with a pod by them.
 */

import type { Pod } from '#api/generated/types.gen.ts';
import {
  appArmor,
  capabilitiesBaseline,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProbes,
  privileged,
  procMount,
  seccompAnnotations,
  seccompBaseline,
  seLinux,
  sysctls,
  windowsHostProcess,
} from './baseline.ts';
import { type Check, exceptInUserNamespace, exceptOnWindows, type Violation } from './check.ts';
import {
  capabilities,
  privilegeEscalation,
  runAsNonRoot,
  runAsUser,
  seccomp,
  volumeTypes,
} from './restricted.ts';

export type Level = 'privileged' | 'baseline' | 'restricted';

export interface LevelVersion {
  readonly level: Level;
  /** `latest` or `v1.30`. */
  readonly version: string;
}

/** The check in force from each minor version on. */
type Versions = readonly (readonly [fromMinor: number, check: Check])[];

interface StandardCheck {
  readonly versions: Versions;
  /** From this minor version on `restricted` has a stricter check instead. */
  readonly overriddenFrom?: number;
}

const seLinuxTypes = ['', 'container_t', 'container_init_t', 'container_kvm_t'];
const sysctlsFrom0 = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
];
const sysctlsFrom27 = [...sysctlsFrom0, 'net.ipv4.ip_local_reserved_ports'];
const sysctlsFrom29 = [
  ...sysctlsFrom27,
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
];
const sysctlsFrom32 = [...sysctlsFrom29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'];

/** Ordered by upstream's names of the checks. */
const baseline: readonly StandardCheck[] = [
  { versions: [[0, appArmor]] },
  { versions: [[0, capabilitiesBaseline]], overriddenFrom: 22 },
  { versions: [[0, hostNamespaces]] },
  { versions: [[0, hostPathVolumes]], overriddenFrom: 0 },
  { versions: [[0, hostPorts]] },
  { versions: [[34, hostProbes]] },
  { versions: [[0, privileged]] },
  {
    versions: [
      [0, procMount],
      [35, exceptInUserNamespace(procMount)],
    ],
    overriddenFrom: 35,
  },
  {
    versions: [
      [0, seLinux(new Set(seLinuxTypes))],
      [31, seLinux(new Set([...seLinuxTypes, 'container_engine_t']))],
    ],
  },
  {
    versions: [
      [0, seccompAnnotations],
      [19, seccompBaseline],
    ],
    overriddenFrom: 19,
  },
  {
    versions: [
      [0, sysctls(new Set(sysctlsFrom0))],
      [27, sysctls(new Set(sysctlsFrom27))],
      [29, sysctls(new Set(sysctlsFrom29))],
      [32, sysctls(new Set(sysctlsFrom32))],
    ],
  },
  { versions: [[0, windowsHostProcess]] },
];

const restricted: readonly Versions[] = [
  [
    [8, privilegeEscalation],
    [25, exceptOnWindows(privilegeEscalation)],
  ],
  [
    [22, capabilities],
    [25, exceptOnWindows(capabilities)],
  ],
  [[35, procMount]],
  [[0, volumeTypes]],
  [
    [0, runAsNonRoot],
    [35, exceptInUserNamespace(runAsNonRoot)],
  ],
  [
    [23, runAsUser],
    [35, exceptInUserNamespace(runAsUser)],
  ],
  [
    [19, seccomp],
    [25, exceptOnWindows(seccomp)],
  ],
];

export function violations({ level, version }: LevelVersion, pod: Pod): Violation[] {
  if (level === 'privileged' || !pod.spec) return [];
  return checksOf(level, version).flatMap((check) => check(pod.spec!, pod) ?? []);
}

/** The last minor version that changed a check: later ones have the same checks. */
const newestMinor = 35;
const checksByVersion = new Map<string, readonly Check[]>();

function checksOf(level: Exclude<Level, 'privileged'>, version: string): readonly Check[] {
  const minor = version === 'latest' ? Number.POSITIVE_INFINITY : Number(version.slice('v1.'.length));
  const key = `${level} ${Math.min(minor, newestMinor)}`;
  let checks = checksByVersion.get(key);
  if (!checks) {
    checks = allChecks(level, minor).flatMap((versions) => inForce(versions, minor) ?? []);
    checksByVersion.set(key, checks);
  }
  return checks;
}

function allChecks(level: Exclude<Level, 'privileged'>, minor: number): readonly Versions[] {
  if (level === 'baseline') return baseline.map(({ versions }) => versions);
  const kept = baseline.filter(
    ({ overriddenFrom }) => overriddenFrom === undefined || minor < overriddenFrom,
  );
  return [...kept.map(({ versions }) => versions), ...restricted];
}

function inForce(versions: Versions, minor: number): Check | undefined {
  return versions.findLast(([fromMinor]) => fromMinor <= minor)?.[1];
}
