/** Security contexts of pod and container, put together as the runtime wants them. */

import type { SELinuxOptions, SecurityContext } from '#api/generated/types.gen.ts';
import { type AnyContainer, allContainers } from '#api/pods/containers.ts';
import type { NodePod } from '../pod/pod.ts';
import type { NodeSecurity } from '../runtime/machine.ts';
import type { ImageRecord } from '../runtime/runtime.ts';
import type {
  ContainerSecurity,
  NamespaceOptions,
  SandboxSecurity,
  SecurityProfile,
  SelinuxOptions,
} from '../runtime/runtime-config.ts';
import { appArmorOf } from './app-armor.ts';
import { ContainerConfigError } from './env-vars.ts';

const maskedPaths = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
];
const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

function namespacesOf(pod: NodePod): NamespaceOptions {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace } = pod.spec;
  return {
    network: hostNetwork ? 'NODE' : 'POD',
    pid: hostPID ? 'NODE' : shareProcessNamespace ? 'POD' : 'CONTAINER',
    ipc: hostIPC ? 'NODE' : 'POD',
  };
}

/**
 * `handler`: that of the pod's runtime class, empty without one. Throws when the pod requests a user namespace and would
 * get that of the host.
 */
export function sandboxSecurity(
  pod: NodePod,
  { userNamespaces }: NodeSecurity,
  handler: string,
): SandboxSecurity {
  if (pod.spec.hostUsers === false && !userNamespaces) {
    const what = handler === '' ? 'runtime' : `RuntimeClass handler ${JSON.stringify(handler)}`;
    throw new Error(`can't set \`spec.hostUsers: false\`, ${what} does not support user namespaces`);
  }
  const { runAsUser, runAsGroup } = pod.spec.securityContext ?? {};
  const privileged = allContainers(pod.spec).some((container) => container.securityContext?.privileged);
  return {
    namespaceOptions: namespacesOf(pod),
    ...(runAsUser === undefined ? {} : { runAsUser: { value: runAsUser } }),
    // A group is only accepted together with a user.
    ...(runAsGroup === undefined || runAsUser === undefined ? {} : { runAsGroup: { value: runAsGroup } }),
    supplementalGroups: groupsOf(pod),
    privileged,
    seccomp: privileged ? { profileType: 'Unconfined' } : { profileType: 'RuntimeDefault' },
    ...selinuxOf(pod.spec.securityContext?.seLinuxOptions),
  };
}

export function containerSecurity(
  pod: NodePod,
  container: AnyContainer,
  image: Pick<ImageRecord, 'uid' | 'username'>,
  { seccompDir }: NodeSecurity,
): ContainerSecurity {
  const own = container.securityContext ?? {};
  const shared = pod.spec.securityContext ?? {};
  const runAsUser = own.runAsUser ?? shared.runAsUser;
  const runAsGroup = own.runAsGroup ?? shared.runAsGroup;
  if (own.runAsNonRoot ?? shared.runAsNonRoot) refuseRoot(pod, container, runAsUser, image);
  const privileged = own.privileged === true;
  const unmasked = privileged || own.procMount === 'Unmasked';
  return {
    namespaceOptions: namespacesOf(pod),
    capabilities: {
      addCapabilities: own.capabilities?.add ?? [],
      dropCapabilities: own.capabilities?.drop ?? [],
    },
    privileged,
    ...userOf(runAsUser, image),
    ...(runAsGroup === undefined ? {} : { runAsGroup: { value: runAsGroup } }),
    readonlyRootfs: own.readOnlyRootFilesystem === true,
    supplementalGroups: groupsOf(pod),
    noNewPrivs: own.allowPrivilegeEscalation === false,
    maskedPaths: unmasked ? [] : maskedPaths,
    readonlyPaths: unmasked ? [] : readonlyPaths,
    seccomp: privileged ? { profileType: 'Unconfined' } : seccompOf(own, pod, seccompDir),
    ...appArmorOf(pod, container),
    ...selinuxOf(own.seLinuxOptions ?? shared.seLinuxOptions),
  };
}

/**
 * Has an effect where the kernel enforces SELinux and containerd is configured for it; elsewhere none, as
 * upstream.
 */
function selinuxOf(options: SELinuxOptions | undefined): { selinuxOptions?: SelinuxOptions } {
  if (!options) return {};
  const { user = '', role = '', type = '', level = '' } = options;
  return { selinuxOptions: { user, role, type, level } };
}

function userOf(runAsUser: number | undefined, image: Pick<ImageRecord, 'uid' | 'username'>) {
  if (runAsUser !== undefined) return { runAsUser: { value: runAsUser } };
  if (image.username) return { runAsUsername: image.username };
  return { runAsUser: { value: image.uid ?? 0 } };
}

function refuseRoot(
  pod: NodePod,
  container: AnyContainer,
  runAsUser: number | undefined,
  image: Pick<ImageRecord, 'uid' | 'username'>,
): void {
  const about = `(pod: "${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})", container: ${container.name})`;
  if (runAsUser === 0) {
    throw new ContainerConfigError(`container's runAsUser breaks non-root policy ${about}`);
  }
  if (runAsUser !== undefined) return;
  if (image.username) {
    throw new ContainerConfigError(
      `container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root ${about}`,
    );
  }
  if ((image.uid ?? 0) === 0) {
    throw new ContainerConfigError(`container has runAsNonRoot and image will run as root ${about}`);
  }
}

function groupsOf(pod: NodePod): number[] {
  const { fsGroup, supplementalGroups = [] } = pod.spec.securityContext ?? {};
  return fsGroup === undefined ? [...supplementalGroups] : [...supplementalGroups, fsGroup];
}

function seccompOf(own: SecurityContext, pod: NodePod, seccompDir: string): SecurityProfile {
  const wanted = own.seccompProfile ?? pod.spec.securityContext?.seccompProfile;
  if (wanted?.type === 'RuntimeDefault') return { profileType: 'RuntimeDefault' };
  if (wanted?.type === 'Localhost') {
    return { profileType: 'Localhost', localhostRef: `${seccompDir}/${wanted.localhostProfile ?? ''}` };
  }
  return { profileType: 'Unconfined' };
}
