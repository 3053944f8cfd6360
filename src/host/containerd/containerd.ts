/**
 * A private containerd for each cluster: a separate process, so that pods outlive kybern; restarted when it
 * dies, and removed with everything it made.
 */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { logFiles } from '../files/log-limit.ts';
import { buildImage } from '../images/oci-image.ts';
import { hasAppArmor, mayLowerOomScore } from '../kernel/capabilities.ts';
import { letCgroupsRun, removeCgroups } from '../kernel/cgroups/cgroups.ts';
import { unmountUnder } from '../kernel/mounts.ts';
import { forgetCniResults } from '../network/cni-results.ts';
import { type FoundProcess, processesWithArgument } from '../processes/process-list.ts';
import {
  endDetached,
  endProcess,
  findDetached,
  identityOf,
  isStillAlive,
  spawnDetached,
} from '../processes/processes.ts';
import { containerdConfig } from './config.ts';
import { importImage, listImages } from './images.ts';
import { registryDir } from './registry-files.ts';

export interface ContainerdOptions {
  /** Images and container roots live in `containerd/` below it. */
  readonly dataDir: string;
  /** For socket and state; short, since the path of a socket is limited to about 100 characters. */
  readonly runDir: string;
  readonly podCni: { readonly binDir: string; readonly confDir: string };
  /** First part of the path of every cgroup of this cluster: `kybern-dev`. */
  readonly cgroupRoot: string;
}

export interface Containerd {
  readonly socket: string;
  readonly pid: number;
  readonly logFile: string;
  /** Images and the file systems of containers lie below it. */
  readonly rootDir: string;
  /** Loads the images of an archive and returns their full names. */
  importImage(archive: string): Promise<string[]>;
  /** Stops watching it; containerd and all pods continue. */
  release(): void;
}

/** Holds the namespaces of every pod's sandbox. */
export const pauseImage = 'kybern.local/pause:1';
const socketPathMax = 100;
const startTimeoutMs = 20_000;
const watchIntervalMs = 1000;
const shimRounds = 10;

interface Paths {
  socket: string;
  stateDir: string;
  rootDir: string;
  config: string;
  pidFile: string;
  logFile: string;
}

function pathsOf({ dataDir, runDir }: Pick<ContainerdOptions, 'dataDir' | 'runDir'>): Paths {
  const socket = `${runDir}/containerd.sock`;
  if (socket.length > socketPathMax) throw new Error(`the path of the socket is too long: ${socket}`);
  return {
    socket,
    stateDir: `${runDir}/containerd`,
    rootDir: `${dataDir}/containerd`,
    config: `${dataDir}/containerd.toml`,
    pidFile: `${dataDir}/containerd.pid`,
    logFile: `${dataDir}/containerd.log`,
  };
}

/** Finds the running containerd of this cluster, or starts it; resolves when it answers. */
export async function startContainerd(options: ContainerdOptions): Promise<Containerd> {
  const paths = pathsOf(options);
  for (const dir of [options.dataDir, options.runDir]) mkdirSync(dir, { recursive: true, mode: 0o700 });
  mkdirSync(options.podCni.confDir, { recursive: true });
  writeConfig(options, paths);
  let running = findDetached(paths.pidFile) ?? (await launch(paths));
  await answering(paths);
  await ensurePauseImage(options, paths);
  // After a restart of kybern, containerd is not its child: its end is detected by polling, not by a signal.
  let isLooking = false;
  let isReleased = false;
  const watch = setInterval(async () => {
    if (isLooking) return;
    isLooking = true;
    try {
      if ((await isStillAlive(running)) || isReleased) return;
      running = await launch(paths);
      await answering(paths);
    } catch {
      // Retried at the next check; the reason is in containerd's own log.
    } finally {
      isLooking = false;
    }
  }, watchIntervalMs);
  watch.unref();
  return {
    socket: paths.socket,
    logFile: paths.logFile,
    rootDir: paths.rootDir,
    get pid() {
      return running.pid;
    },
    importImage: (archive) => importImage(paths.socket, archive),
    release() {
      isReleased = true;
      clearInterval(watch);
    },
  };
}

function writeConfig(options: ContainerdOptions, paths: Paths): void {
  const text = containerdConfig({
    rootDir: paths.rootDir,
    stateDir: paths.stateDir,
    socket: paths.socket,
    pauseImage,
    cniBinDir: options.podCni.binDir,
    cniConfDir: options.podCni.confDir,
    registryDir: registryDir(options.dataDir),
    restrictOomScore: !mayLowerOomScore(),
    appArmor: hasAppArmor(),
  });
  writeFileSync(paths.config, text, { mode: 0o600 });
}

function launch(paths: Paths) {
  return spawnDetached({
    command: 'containerd',
    args: ['--config', paths.config, '--log-level', 'warn'],
    logFile: paths.logFile,
    pidFile: paths.pidFile,
  });
}

async function answering(paths: Paths): Promise<void> {
  const until = performance.now() + startTimeoutMs;
  while (performance.now() < until) {
    if (await canConnect(paths.socket)) return;
    if (!findDetached(paths.pidFile)) throw new Error(`containerd ended at its start; see ${paths.logFile}`);
    await delay(20);
  }
  throw new Error(`containerd does not answer on ${paths.socket}; see ${paths.logFile}`);
}

function canConnect(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(socket);
    connection.once('connect', () => resolve(true));
    connection.once('error', () => resolve(false));
    connection.once('connect', () => connection.destroy());
  });
}

/** Not pulled from a registry: the pause image contains the distribution's `catatonit` only. */
async function ensurePauseImage(options: ContainerdOptions, paths: Paths): Promise<void> {
  if ((await listImages(paths.socket)).includes(pauseImage)) return;
  const archive = `${options.dataDir}/pause.tar`;
  const binary = readFileSync('/usr/bin/catatonit');
  const files = [{ path: 'pause', mode: 0o755, content: binary }];
  const config = { Entrypoint: ['/pause', '-P'], User: '65535:65535' };
  writeFileSync(archive, buildImage({ ref: pauseImage, layers: [files], config }));
  try {
    await importImage(paths.socket, archive);
  } finally {
    rmSync(archive, { force: true });
  }
}

/** Removes everything: containers, sandboxes with their networks, shims, mounts, cgroups, files. */
export async function deleteContainerd(options: ContainerdOptions): Promise<void> {
  const paths = pathsOf(options);
  await endDetached(paths.pidFile, 10_000);
  await endUnnoted(paths);
  await letCgroupsRun(options.cgroupRoot);
  await endShims(paths);
  for (const dir of [paths.stateDir, paths.rootDir, options.dataDir]) await unmountUnder(dir);
  await removeCgroups(options.cgroupRoot);
  forgetCniResults(options.runDir);
  rmSync(options.runDir, { recursive: true, force: true });
  for (const path of [paths.rootDir, paths.config, paths.pidFile, ...logFiles(paths.logFile)]) {
    rmSync(path, { recursive: true, force: true });
  }
}

/** Ends a containerd whose starter was killed before it recorded the process. */
async function endUnnoted(paths: Paths): Promise<void> {
  for (const found of processesWithArgument('containerd', paths.config)) {
    await endProcess(found.identity, 1000);
  }
}

/**
 * A shim has containerd's socket among its arguments; its containers are its children. In rounds: a shim that
 * was starting when containerd ended re-executes as another process.
 */
async function endShims(paths: Paths): Promise<void> {
  for (let round = 0; round < shimRounds; round++) {
    const shims = processesWithArgument('containerd-shim', paths.socket);
    if (shims.length === 0) return;
    await Promise.all(shims.map(endShim));
  }
}

async function endShim(shim: FoundProcess): Promise<void> {
  const containers = shim.children.map(identityOf);
  await Promise.all(containers.map((child) => child && endProcess(child, 0)));
  await endProcess(shim.identity, 1000);
}
