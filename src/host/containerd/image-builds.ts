/**
 * Builds of images by a cluster's containerd: each step's image is loaded under a name of the build, run or mounted,
 * and removed with everything else of the build at its end.
 */

import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fullImageName } from '#base/text/image-name.ts';
import { listDirectory } from '../files/files.ts';
import { removeAll } from '../files/remove-all.ts';
import type { BuildMachine, ImageParts, RunStep } from '../images/build-machine.ts';
import { type ImageConfig, imageArchive, type Layer, layerOf } from '../images/oci-image.ts';
import { architecture } from '../kernel/architecture.ts';
import { removeCgroups } from '../kernel/cgroups/cgroups.ts';
import { unmountUnder } from '../kernel/mounts.ts';
import { tryCommand } from '../processes/command.ts';
import { identityOf } from '../processes/processes.ts';
import { ctr, importImage, listImages, removeImage } from './images.ts';

export interface ImageBuildOptions {
  readonly socket: string;
  /** For archives and mounts, on a disk with room for the image. */
  readonly scratchDir: string;
  /** First part of the path of every cgroup of the cluster. */
  readonly cgroupRoot: string;
  /** Makes a missing image present, under its full name. */
  readonly pull: (ref: string) => Promise<void>;
  /** What the commands of RUN print. */
  readonly onOutput: (chunk: Buffer) => void;
}

const runLimitMs = 6 * 60 * 60_000;
/** A layer is held in memory. */
const layerBytesMax = 2 * 1024 ** 3 - 1;
const layerType = 'application/vnd.oci.image.layer.v1.tar';

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly architecture?: string; readonly os?: string };
}

export class ImageBuild implements BuildMachine {
  readonly #options: ImageBuildOptions;
  readonly #dir: string;
  /** Of this build alone: of images, containers and cgroups. */
  readonly #name = `build-${process.pid}`;
  #steps = 0;

  constructor(options: ImageBuildOptions) {
    this.#options = options;
    mkdirSync(options.scratchDir, { recursive: true, mode: 0o700 });
    this.#dir = mkdtempSync(join(options.scratchDir, `${this.#name}-`));
  }

  async image(ref: string): Promise<ImageParts> {
    const { socket, pull } = this.#options;
    const name = nameOf(ref);
    if (!(await listImages(socket)).includes(name)) await pull(name);
    const manifest = await this.#manifestOf(name);
    const { config, rootfs } = await this.#json<{ config?: ImageConfig; rootfs: { diff_ids: string[] } }>(
      manifest.config.digest,
    );
    const layers = manifest.layers.map((layer, index) => ({
      ...layer,
      diffId: rootfs.diff_ids[index] ?? '',
    }));
    return { layers, config: config ?? {} };
  }

  async run(image: ImageParts, step: RunStep): Promise<Layer> {
    const { socket, cgroupRoot } = this.#options;
    const id = `${this.#name}-${this.#steps}`;
    // As variables of the image: the arguments of a program can be read by every user of the machine.
    const withVariables = { ...image, config: { ...image.config, Env: [...step.env] } };
    return this.#loaded(withVariables, async (ref) => {
      try {
        await this.#runContainer(ref, id, step);
        return layerOf(await this.#diff(id));
      } finally {
        await removeContainer(socket, id);
        await removeCgroups(`${cgroupRoot}/${id}`);
      }
    });
  }

  async #runContainer(ref: string, id: string, { command, workingDir }: RunStep): Promise<void> {
    const { cgroupRoot, onOutput } = this.#options;
    const hostNames = 'type=bind,src=/etc/resolv.conf,dst=/etc/resolv.conf,options=rbind:ro';
    const settings = [
      ...['--snapshotter', 'overlayfs', '--net-host', '--seccomp', '--cgroup', `/${cgroupRoot}/${id}`],
      ...['--cwd', workingDir, '--mount', hostNames],
    ];
    const code = await this.#shell('exec "$@" 2>&1', ['run', ...settings, ref, id, ...command], onOutput);
    if (code !== 0) throw new Error(`the command ended with ${code}`);
  }

  withFiles<T>(image: ImageParts, use: (dir: string) => T | Promise<T>): Promise<T> {
    const { socket } = this.#options;
    return this.#loaded(image, async (ref) => {
      const dir = mkdtempSync(join(this.#dir, 'files-'));
      await ctr(socket, ['images', 'mount', '--snapshotter', 'overlayfs', ref, dir]);
      try {
        return await use(dir);
      } finally {
        await ctr(socket, ['images', 'unmount', '--rm', '--snapshotter', 'overlayfs', dir]);
        rmdirSync(dir);
      }
    });
  }

  /** Removes the files of the build. */
  end(): void {
    rmSync(this.#dir, { recursive: true, force: true });
  }

  /** The image is present under a name of the build while `use` runs. */
  async #loaded<T>({ layers, config }: ImageParts, use: (ref: string) => Promise<T>): Promise<T> {
    const { socket } = this.#options;
    const ref = `kybern.local/${this.#name}:${this.#steps++}`;
    const file = join(this.#dir, `image-${this.#steps}.tar`);
    writeFileSync(file, imageArchive(ref, layers, config), { mode: 0o600 });
    try {
      await importImage(socket, file);
    } finally {
      rmSync(file, { force: true });
    }
    try {
      return await use(ref);
    } finally {
      await removeImage(socket, ref);
    }
  }

  async #manifestOf(name: string): Promise<{ config: Descriptor; layers: Descriptor[] }> {
    const { socket } = this.#options;
    const rows = (await ctr(socket, ['images', 'list', `name==${name}`])).trimEnd().split('\n');
    const digest = rows[1]?.split(/\s+/)[2];
    if (!digest) throw new Error(`there is no image ${name}`);
    const found = await this.#json<{
      config: Descriptor;
      layers: Descriptor[];
      manifests?: Descriptor[];
    }>(digest);
    if (!found.manifests) return found;
    const own = found.manifests.find(
      ({ platform }) => !platform || (platform.os === 'linux' && platform.architecture === architecture),
    );
    if (!own) throw new Error(`${name} is not for this machine (linux/${architecture})`);
    return this.#json(own.digest);
  }

  async #json<T>(digest: string): Promise<T> {
    return JSON.parse(await ctr(this.#options.socket, ['content', 'get', digest])) as T;
  }

  /** What a container has changed, as a tar archive. */
  async #diff(id: string): Promise<Buffer> {
    const file = join(this.#dir, 'layer.tar');
    const diff = ['snapshots', '--snapshotter', 'overlayfs', 'diff', '--media-type', layerType, id];
    const said: Buffer[] = [];
    const code = await this.#shell(`exec "$@" 2>&1 >'${file}'`, diff, (chunk) => void said.push(chunk));
    if (code === 0) return layerBytes(file);
    throw new Error(`what it changed cannot be read: ${Buffer.concat(said).toString().trim()}`);
  }

  /** Runs `ctr` by a shell, which directs its output; returns its exit code. */
  async #shell(
    script: string,
    args: readonly string[],
    onStdout: (chunk: Buffer) => void,
  ): Promise<number | null> {
    const ctrCommand = ['ctr', '--address', this.#options.socket, '--namespace', 'k8s.io', ...args];
    const { code } = await tryCommand('sh', ['-c', script, 'sh', ...ctrCommand], {
      timeoutMs: runLimitMs,
      onStdout,
    });
    return code;
  }
}

function layerBytes(file: string): Buffer {
  if (statSync(file).size <= layerBytesMax) return readFileSync(file);
  throw new Error('what it changed is larger than 2 GiB');
}

function nameOf(ref: string): string {
  try {
    return fullImageName(ref);
  } catch {
    throw new Error(`"${ref}" is no name of an image`);
  }
}

/** Removes what killed builds have left in a cluster's containerd and in their folder. */
export async function removeLeftBuilds({
  socket,
  scratchDir,
}: Pick<ImageBuildOptions, 'socket' | 'scratchDir'>) {
  for (const folder of await listDirectory(scratchDir)) {
    const [, pid] = /^build-(\d+)-/.exec(folder) ?? [];
    if (pid && !identityOf(Number(pid))) await removeLeftFolder(join(scratchDir, folder));
  }
  for (const ref of await listImages(socket)) {
    const [, pid] = /^kybern\.local\/build-(\d+):\d+$/.exec(ref) ?? [];
    if (pid && !identityOf(Number(pid))) await removeImage(socket, ref);
  }
  for (const id of (await ctr(socket, ['containers', 'list', '--quiet'])).split('\n')) {
    const [, pid] = /^build-(\d+)-\d+$/.exec(id) ?? [];
    if (pid && !identityOf(Number(pid))) await removeContainer(socket, id);
  }
}

/** An image may be mounted in it. */
async function removeLeftFolder(folder: string): Promise<void> {
  await unmountUnder(folder);
  await removeAll(folder);
}

/** With its process and what it has written; one that does not exist is no error. */
async function removeContainer(socket: string, id: string): Promise<void> {
  await ctr(socket, ['tasks', 'delete', '--force', id]).catch(() => {});
  await ctr(socket, ['containers', 'remove', id]).catch(() => {});
  await ctr(socket, ['snapshots', '--snapshotter', 'overlayfs', 'remove', id]).catch(() => {});
}
