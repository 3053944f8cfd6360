/**
 * A pod's things on a real machine: directories, control groups, volumes, hosts file, termination messages,
 * logs.
 */

import { type AnyContainer, allContainers } from '#api/pods/containers.ts';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import type { Client } from '#client/client.ts';
import {
  ensureDirectory,
  ensureFile,
  kindOf,
  listDirectory,
  readEnd,
  readStart,
  writeText,
} from '#host/files/files.ts';
import { readInside } from '#host/files/inside.ts';
import { removeAll } from '#host/files/remove-all.ts';
import { hasAppArmor } from '#host/kernel/capabilities.ts';
import { unmountUnder } from '#host/kernel/mounts.ts';
import { type DnsSettings, podDns } from '../config/dns-config.ts';
import { hostsFile } from '../config/hosts-file.ts';
import type { KubeletRoot } from '../paths/kubelet-root.ts';
import type { ObjectSource } from '../pod/objects/object-source.ts';
import type { NodePod } from '../pod/pod.ts';
import { type ContainerPlace, type PodSetup, SetupError } from '../runtime/machine.ts';
import type { ContainerStatus } from '../runtime/runtime.ts';
import type { ContainerMount } from '../runtime/runtime-config.ts';
import { type ImageMounter, imageVolume } from '../volumes/images/image.ts';
import { volumeDevices, volumeMounts } from '../volumes/mounts.ts';
import { volumePlugins } from '../volumes/plugins.ts';
import type { TokenCache } from '../volumes/token-cache.ts';
import type { VolumePlugin } from '../volumes/volume.ts';
import { logEnd, machineLogs } from './machine-logs.ts';
import { PodCgroups } from './pod-cgroups.ts';
import { PodPaths } from './pod-paths.ts';
import { PodVolumes, type VolumeTools } from './pod-volumes.ts';
import { machineStorageUse } from './storage-use.ts';

export interface MachineSetupOptions {
  readonly env: Env;
  readonly client: Client;
  readonly objects: ObjectSource;
  readonly tokens: TokenCache;
  /** `pods/` and `logs/` lie in it. */
  readonly dataDir: string;
  /** What pods know as `/var/lib/kubelet`. */
  readonly root: KubeletRoot;
  readonly nodeIp: string;
  readonly allocatable: Record<string, string>;
  readonly cgroupRoot: string;
  /** Default as many as the node allows. */
  readonly pidsPerPodMax?: number | undefined;
  /** Whether a container of the pod has processors for itself; default none has. */
  readonly hasExclusiveCpus?: ((podUid: string) => boolean) | undefined;
  readonly dns: DnsSettings;
  readonly images: ImageMounter;
  /** Beside the built-in ones. */
  readonly plugins?: readonly VolumePlugin[];
  readonly events: VolumeTools['events'];
}

const wordsBytesMax = 4096;
/** What a process may have of environment is less. */
const envFileBytesMax = 1024 * 1024;
const hostsBytesMax = 64 * 1024;

export function machineSetup(options: MachineSetupOptions): PodSetup {
  const { env, client, objects, tokens, dataDir, root, nodeIp, allocatable, dns } = options;
  const paths = new PodPaths(dataDir);
  const cgroups = new PodCgroups(
    options.cgroupRoot,
    allocatable,
    options.pidsPerPodMax,
    options.hasExclusiveCpus,
  );
  const { images } = options;
  const plugins = [...volumePlugins, imageVolume(images), ...(options.plugins ?? [])];
  const tools = { env, client, objects, root, tokens, nodeIp, allocatable, plugins, events: options.events };
  const volumes = new PodVolumes(tools, paths);
  return {
    ...machineLogs(env.clock, paths),
    ...machineStorageUse(paths),
    ...volumeCalls(volumes, images),
    // containerd before version 2 runs every container with the users of the host.
    security: { userNamespaces: false, appArmor: hasAppArmor(), seccompDir: paths.seccomp },
    clusterDomain: dns.clusterDomain,
    logDirectory: (pod) => paths.logDirectory(pod),
    cgroupParent: (pod) => cgroups.pathOf(pod),
    resizePod: (pod, how) => cgroups.resize(pod, how),
    resolvConf: (pod) => podDns(pod, dns),
    async prepare(pod) {
      await makeDirectories(paths, pod);
      await makeCgroups(cgroups, pod);
      await volumes.setUp(pod);
    },
    mounts: (place) => mountsOf(place, volumes, paths, dns.clusterDomain),
    terminationMessage: (...ended) => terminationMessage(paths, ...ended),
    async cleanUp(podUid) {
      await unmountSubPaths(paths, podUid);
      await volumes.tearDown(podUid);
      await cgroups.remove(podUid);
      await removeDirectories(paths, podUid);
    },
    knownPods: async () => [
      ...new Set([...(await listDirectory(paths.pods)), ...(await listDirectory(paths.memory))]),
    ],
  };
}

function volumeCalls(
  volumes: PodVolumes,
  images: ImageMounter,
): Pick<PodSetup, 'metrics' | 'mountImage' | 'devices' | 'volume' | 'readVolumeFile' | 'releaseDevices'> {
  return {
    metrics: volumes.metrics,
    async mountImage(pod, volume, image) {
      const place = volumes.of(pod.metadata.uid).get(volume);
      if (place) await images.mount(image, place.path);
    },
    devices: (place) => volumeDevices(place, volumes.of(place.pod.metadata.uid)),
    volume: (pod, name) => volumes.of(pod.metadata.uid).get(name),
    async readVolumeFile(pod, volume, path) {
      const base = volumes.of(pod.metadata.uid).get(volume)?.path;
      if (base === undefined) throw new Error(`volume "${volume}" is not mounted`);
      return { at: `${base}/${path}`, content: await readInside(base, path, envFileBytesMax) };
    },
    releaseDevices: () => volumes.releaseDevices(),
  };
}

async function mountsOf(
  place: ContainerPlace,
  volumes: PodVolumes,
  paths: PodPaths,
  clusterDomain: string,
): Promise<ContainerMount[]> {
  const { uid } = place.pod.metadata;
  const mounts = await volumeMounts(place, volumes.of(uid), paths.subPaths(uid));
  if (!mounts.some((mount) => mount.containerPath === '/etc/hosts')) {
    mounts.push(await hostsMount(paths.hostsFile(uid), place, clusterDomain));
  }
  mounts.push(await wordsMount(paths, place));
  return mounts;
}

async function terminationMessage(
  paths: PodPaths,
  pod: NodePod,
  container: AnyContainer,
  status: ContainerStatus,
): Promise<Uint8Array> {
  const file = `${paths.terminationMessage(pod.metadata.uid, status.name)}/${status.attempt}`;
  const words = await readEnd(file, wordsBytesMax);
  const fromLogs = container.terminationMessagePolicy === 'FallbackToLogsOnError' && status.exitCode !== 0;
  return words.length === 0 && fromLogs ? logEnd(paths, pod, status) : words;
}

/** Parts of volumes are bound there: a volume in use cannot be taken down. */
async function unmountSubPaths(paths: PodPaths, podUid: string): Promise<void> {
  if ((await kindOf(paths.subPaths(podUid))) !== undefined) await unmountUnder(paths.subPaths(podUid));
}

/** The pod's own directory last: as long as it exists, `knownPods` returns the pod. */
async function removeDirectories(paths: PodPaths, podUid: string): Promise<void> {
  await removeAll(paths.memoryVolumes(podUid));
  await unmountUnder(paths.directory(podUid));
  await removeAll(paths.directory(podUid));
}

async function makeDirectories(paths: PodPaths, pod: NodePod): Promise<void> {
  const { uid } = pod.metadata;
  const own = [paths.pods, paths.directory(uid), paths.logDirectory(pod)];
  const each = allContainers(pod.spec).flatMap(({ name }) => [
    `${paths.logDirectory(pod)}/${name}`,
    paths.terminationMessage(uid, name),
  ]);
  try {
    for (const path of [...own, ...each]) await ensureDirectory(path, 0o755);
  } catch (error) {
    throw new SetupError('Failed', `error making pod data directories: ${errorText(error)}`);
  }
}

async function makeCgroups(cgroups: PodCgroups, pod: NodePod): Promise<void> {
  try {
    await cgroups.ensure(pod);
  } catch (error) {
    const message = `unable to ensure pod container exists: ${errorText(error)}`;
    throw new SetupError('FailedCreatePodContainer', message);
  }
}

async function hostsMount(
  path: string,
  { pod, podIps, hostname }: ContainerPlace,
  clusterDomain: string,
): Promise<ContainerMount> {
  const hostFile = pod.spec.hostNetwork ? await readStart('/etc/hosts', hostsBytesMax) : '';
  await writeText(path, hostsFile({ pod, podIps, hostname, clusterDomain, hostFile }));
  return fileMount('/etc/hosts', path);
}

async function wordsMount(
  paths: PodPaths,
  { pod, container, attempt }: ContainerPlace,
): Promise<ContainerMount> {
  const path = `${paths.terminationMessage(pod.metadata.uid, container.name)}/${attempt}`;
  await ensureFile(path, 0o666);
  return fileMount(container.terminationMessagePath ?? '/dev/termination-log', path);
}

function fileMount(containerPath: string, hostPath: string): ContainerMount {
  return { containerPath, hostPath, readonly: false, propagation: 'PROPAGATION_PRIVATE' };
}
