/** A pod's things on a real machine: directories, control groups, volumes, hosts file, termination messages, logs. */

import type { Env } from '#base/env.ts';
import { errorText } from '#base/error-text.ts';
import type { Client } from '#client/client.ts';
import {
  ensureDirectory,
  ensureFile,
  listDirectory,
  readEnd,
  readStart,
  removeAll,
  writeText,
} from '#host/files.ts';
import { openLog, readTail, rotateLog, tailOffset, tidyRotated, watchLog } from '#host/log-files.ts';
import { unmountUnder } from '#host/mounts.ts';
import { type DnsSettings, podDns } from './dns-config.ts';
import { hostsFile } from './hosts-file.ts';
import { messageOf } from './log-format.ts';
import type { ObjectSource } from './object-source.ts';
import { allContainers, type NodePod } from './pod.ts';
import { PodCgroups } from './pod-cgroups.ts';
import { type ContainerPlace, type PodSetup, SetupError } from './pod-setup.ts';
import type { ContainerMount } from './runtime-config.ts';
import { volumeMounts } from './volumes/mounts.ts';
import { volumePlugins } from './volumes/plugins.ts';
import { TokenCache } from './volumes/token-cache.ts';
import type { VolumeContext } from './volumes/volume.ts';

export interface MachineSetupOptions {
  readonly env: Env;
  readonly client: Client;
  readonly objects: ObjectSource;
  /** `pods/` and `logs/` lie in it. */
  readonly dataDir: string;
  readonly nodeIp: string;
  readonly allocatable: Record<string, string>;
  readonly cgroupRoot: string;
  readonly dns: DnsSettings;
}

const messageBytesMax = 4096;
const logBytesMax = 10 * 1024 * 1024;
const logFilesMax = 5;
const logMessageBytesMax = 2048;
const logMessageLinesMax = 80;

export function machineSetup(options: MachineSetupOptions): PodSetup {
  const { env, client, objects, dataDir, nodeIp, allocatable, dns } = options;
  const cgroups = new PodCgroups(options.cgroupRoot, allocatable);
  const tokens = new TokenCache(env, client);
  /** Paths of the volumes of each pod, by name. */
  const volumesOf = new Map<string, Map<string, string>>();
  const podDir = (uid: string) => `${dataDir}/pods/${uid}`;
  const logDir = ({ namespace, name, uid }: { namespace: string; name: string; uid: string }) =>
    `${dataDir}/logs/${namespace}_${name}_${uid}`;
  const logDirectory = ({ metadata: { namespace = '', name, uid } }: NodePod) =>
    logDir({ namespace, name, uid });
  const logFile = (pod: NodePod, { name, attempt }: { name: string; attempt: number }) =>
    `${logDirectory(pod)}/${name}/${attempt}.log`;
  const wordsFile = (uid: string, name: string, attempt: number) =>
    `${podDir(uid)}/containers/${name}/${attempt}`;

  async function setUpVolumes(pod: NodePod): Promise<void> {
    const { uid } = pod.metadata;
    const paths = volumesOf.get(uid) ?? new Map<string, string>();
    volumesOf.set(uid, paths);
    const podIps = (pod.status?.podIPs ?? []).flatMap((one) => (one.ip ? [one.ip] : []));
    const volumesDir = `${podDir(uid)}/volumes`;
    const context: VolumeContext = {
      env,
      client,
      objects,
      tokens,
      pod,
      nodeIp,
      podIps,
      allocatable,
      volumesDir,
    };
    for (const volume of pod.spec.volumes ?? []) {
      const plugin = volumePlugins.find((one) => volume[one.field] !== undefined);
      try {
        if (!plugin) throw new Error('no volume plugin matched');
        paths.set(volume.name, await plugin.setUp(context, volume));
      } catch (error) {
        // A running pod keeps the files it has when their source goes away.
        if (paths.has(volume.name)) continue;
        const message = `MountVolume.SetUp failed for volume "${volume.name}" : ${errorText(error)}`;
        throw new SetupError('FailedMount', message);
      }
    }
  }

  return {
    clusterDomain: dns.clusterDomain,
    logDirectory,
    cgroupParent: (pod) => cgroups.pathOf(pod),
    resizePod: (pod, how) => cgroups.resize(pod, how),
    resolvConf: (pod) => podDns(pod, dns),
    async prepare(pod) {
      await makeDirectories(pod).catch((error: unknown) => {
        const message = `error making pod data directories: ${errorText(error)}`;
        throw new SetupError('Failed', message);
      });
      try {
        cgroups.ensure(pod);
      } catch (error) {
        const message = `unable to ensure pod container exists: ${errorText(error)}`;
        throw new SetupError('FailedCreatePodContainer', message);
      }
      await setUpVolumes(pod);
    },
    async mounts(place) {
      const { pod, container, attempt } = place;
      const volumes = volumesOf.get(pod.metadata.uid) ?? new Map();
      const mounts = await volumeMounts(place, volumes);
      const mounted = new Set(mounts.map((one) => one.containerPath));
      if (!mounted.has('/etc/hosts')) mounts.push(await hostsMount(place));
      const words = wordsFile(pod.metadata.uid, container.name, attempt);
      await ensureFile(words, 0o666);
      mounts.push(fileMount(container.terminationMessagePath ?? '/dev/termination-log', words));
      return mounts;
    },
    async lastWords(pod, container, status) {
      const words = await readEnd(wordsFile(pod.metadata.uid, status.name, status.attempt), messageBytesMax);
      const fromLogs =
        container.terminationMessagePolicy === 'FallbackToLogsOnError' && status.exitCode !== 0;
      if (words !== '' || !fromLogs) return words;
      const lines = (await readTail(logFile(pod, status), logMessageLinesMax)).map(messageOf);
      return Buffer.from(lines.join('')).subarray(-logMessageBytesMax).toString();
    },
    async openLog(pod, status, tailLines) {
      const path = logFile(pod, status);
      const offset = tailLines === undefined ? 0 : await tailOffset(path, tailLines);
      const reader = await openLog(path, offset);
      return reader && { ...reader, watch: (onChange: () => void) => watchLog(path, onChange) };
    },
    logFiles: {
      async rotate(pod, containers) {
        const rotated: string[] = [];
        for (const one of containers)
          if (await rotateLog(logFile(pod, one), logBytesMax, env.clock.now())) rotated.push(one.id);
        return rotated;
      },
      async tidy(pod, containers) {
        for (const one of containers) await tidyRotated(logFile(pod, one), logFilesMax);
      },
    },
    async cleanUp(podUid) {
      volumesOf.delete(podUid);
      tokens.forget(podUid);
      await cgroups.remove(podUid);
      await unmountUnder(podDir(podUid));
      // The directory last: as long as it is there, `knownPods` tells of what is left.
      await removeAll(podDir(podUid));
    },
    removeLogs: (pod) => removeAll(logDir(pod)),
    knownPods: () => listDirectory(`${dataDir}/pods`),
  };

  async function makeDirectories(pod: NodePod): Promise<void> {
    const { uid } = pod.metadata;
    await ensureDirectory(`${dataDir}/pods`, 0o755);
    await ensureDirectory(podDir(uid), 0o755);
    await ensureDirectory(logDirectory(pod), 0o755);
    for (const { name } of allContainers(pod)) {
      await ensureDirectory(`${logDirectory(pod)}/${name}`, 0o755);
      await ensureDirectory(`${podDir(uid)}/containers/${name}`, 0o755);
    }
  }

  async function hostsMount({ pod, podIps, hostname }: ContainerPlace): Promise<ContainerMount> {
    const path = `${podDir(pod.metadata.uid)}/etc-hosts`;
    const hostFile = pod.spec.hostNetwork ? await readStart('/etc/hosts', 64 * 1024) : '';
    await writeText(path, hostsFile({ pod, podIps, hostname, clusterDomain: dns.clusterDomain, hostFile }));
    return fileMount('/etc/hosts', path);
  }
}

function fileMount(containerPath: string, hostPath: string): ContainerMount {
  return { containerPath, hostPath, readonly: false, propagation: 'PROPAGATION_PRIVATE' };
}
