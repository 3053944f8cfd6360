/** Builds an image from a folder, in the containerd of a node, and loads it there. */

import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ImageBuild, removeLeftBuilds } from '#host/containerd/image-builds.ts';
import { clusterPaths } from '#host/home/cluster-home.ts';
import { cgroupRoot } from '#host/home/node-home.ts';
import { buildFromDirectory } from '#host/images/image-build.ts';
import { LayerCache } from '#host/images/layer-cache.ts';
import type { CliContext } from '../../shared/command.ts';
import { Problem } from '../../shared/problem.ts';
import { loadArchive } from './load.ts';
import { scratchFile, socketOf } from './node-images.ts';
import { pullByHand } from './pull.ts';

export interface BuildRequest {
  /** The build context. */
  readonly folder: string;
  readonly tag: string;
  /** Values of ARGs. */
  readonly args: Readonly<Record<string, string>>;
  /** Default `Dockerfile` in the context. */
  readonly file?: string;
  readonly target?: string;
  /** Takes the steps of earlier builds; false runs all. */
  readonly cache: boolean;
}

const buildHint = 'docs/guides/images.md says which instructions there are';

export async function buildAndLoad(context: CliContext, name: string, request: BuildRequest): Promise<void> {
  const archive = scratchFile(name, 'build');
  try {
    writeFileSync(archive, await built(context, name, request), { mode: 0o600 });
    await loadArchive(context, name, archive, request.folder);
  } finally {
    rmSync(archive, { force: true });
  }
}

/** The archive of the image. */
async function built(context: CliContext, name: string, request: BuildRequest): Promise<Buffer> {
  const { folder, tag, args, file, target } = request;
  const socket = socketOf(name);
  const paths = clusterPaths(name);
  const scratchDir = join(paths.node, 'builds');
  await removeLeftBuilds({ socket, scratchDir });
  const machine = new ImageBuild({
    socket,
    scratchDir,
    cgroupRoot: cgroupRoot(paths),
    pull: (ref) => pullByHand(context, name, ref),
    onOutput: (chunk) => void context.output.write(chunk),
  });
  try {
    return await buildFromDirectory(
      {
        dir: resolve(folder),
        ref: tag,
        args,
        ...(file === undefined ? {} : { dockerfile: resolve(file) }),
        ...(target === undefined ? {} : { target }),
        ...(request.cache ? { cache: new LayerCache(join(paths.node, 'build-cache')) } : {}),
        onRun: (command, isCached) => context.print(`RUN ${command}${isCached ? ' (as before)' : ''}`),
      },
      machine,
    );
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(`${folder} could not be built: ${(error as Error).message}`, buildHint);
  } finally {
    machine.end();
  }
}
