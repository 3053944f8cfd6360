/** `kybern image`: loads images into a cluster's node without a registry. */

import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { withPlainArchive } from '#host/archives/plain-archive.ts';
import { pauseImage } from '#host/containerd/containerd.ts';
import { ImageBuild, removeLeftBuilds } from '#host/containerd/image-builds.ts';
import { importImage, listImages, pullImage, removeImage } from '#host/containerd/images.ts';
import { registryDir } from '#host/containerd/registry-files.ts';
import { clusterPaths } from '#host/home/cluster-home.ts';
import { cgroupRoot } from '#host/home/node-home.ts';
import { buildFromDirectory } from '#host/images/image-build.ts';
import { fullImageName, isImageName } from '#host/images/oci-image.ts';
import { configOf, nameOption } from '../shared/cluster-option.ts';
import { type CliContext, defineCommand } from '../shared/command.ts';
import { Problem } from '../shared/problem.ts';
import { showProgress } from '../shared/progress.ts';
import { readRegistriesFile } from '../shared/registries-file.ts';

interface Named {
  readonly name: string;
}

export const image = defineCommand((program, context) => {
  const group = program.command('image').description("the images of a cluster's node");
  named(group, 'import <file>', 'load the images of an OCI or Docker archive').action(
    async (file: string, { name }: Named) => {
      const socket = socketOf(name);
      if (!isFile(file)) throw new Problem(`there is no file ${file}`, archiveHint);
      await load(context, name, socket, resolve(file), file);
    },
  );
  named(
    group,
    'build <folder>',
    'build an image from a folder with a Dockerfile (RUN runs in a container of the node)',
  )
    .requiredOption('-t, --tag <ref>', 'name of the image')
    .addOption(
      new Option('--build-arg <name=value>', 'a value of an ARG; may be repeated').argParser(addArgument),
    )
    .action(async (folder: string, { name, tag, buildArg }: BuildFlags) => {
      const socket = socketOf(name);
      mustBeImageName(tag);
      if (!isFile(join(folder, 'Dockerfile'))) {
        throw new Problem(`there is no file ${join(folder, 'Dockerfile')}`, 'name a folder that has one');
      }
      const archive = scratch(name, 'build');
      try {
        writeFileSync(archive, await built(context, name, { folder, tag, args: buildArg ?? {} }), {
          mode: 0o600,
        });
        await load(context, name, socket, archive, folder);
      } finally {
        rmSync(archive, { force: true });
      }
    });
  named(group, 'pull <ref>', 'take an image from its registry (docs/guides/registries.md)').action(
    async (ref: string, { name }: Named) => {
      const socket = socketOf(name);
      mustBeImageName(ref);
      await pull(context, name, socket, fullImageName(ref));
    },
  );
  named(group, 'ls', 'list the images').action(async ({ name }: Named) => {
    for (const image of await listImages(socketOf(name))) context.print(image);
  });
  named(group, 'rm <ref>', 'remove an image').action(async (ref: string, { name }: Named) => {
    const socket = socketOf(name);
    mustBeImageName(ref);
    const full = fullImageName(ref);
    if (full === pauseImage) {
      throw new Problem(
        `every pod of the node needs ${full}`,
        'it is removed with the cluster: kybern delete',
      );
    }
    if (!(await removeImage(socket, full))) {
      throw new Problem(`there is no image ${full}`, `kybern image ls --name ${name} shows those there are`);
    }
    context.print(`removed ${full}`);
  });
});

const pullHint = 'docs/guides/registries.md says how a mirror, a certificate or a password is given';
const buildHint = 'docs/guides/images.md says which instructions there are';
const archiveHint = 'give a tar archive of images, as docker save writes it';

function named(group: Command, usage: string, description: string): Command {
  return group.command(usage).description(description).addOption(nameOption());
}

async function load(
  context: CliContext,
  name: string,
  socket: string,
  archive: string,
  what: string,
): Promise<void> {
  let refs: string[];
  try {
    refs = await withPlainArchive(archive, scratch(name, 'plain'), (path) => importImage(socket, path));
  } catch (error) {
    throw new Problem(`${what} could not be imported: ${(error as Error).message}`, archiveHint);
  }
  if (refs.length === 0) throw new Problem(`${what} holds no image for this machine`, archiveHint);
  for (const ref of refs) context.print(`imported ${ref}`);
}

/** In the cluster's folder, so that the file of a killed command is removed with the cluster. */
function scratch(name: string, what: string): string {
  return join(clusterPaths(name).dir, `image-${what}-${process.pid}.tar`);
}

interface BuildFlags extends Named {
  readonly tag: string;
  readonly buildArg?: Record<string, string>;
}

function addArgument(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at > 0) return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  throw new Problem(`--build-arg ${text} is not NAME=VALUE`, 'try: --build-arg VERSION=1.2');
}

interface Wanted {
  readonly folder: string;
  readonly tag: string;
  readonly args: Readonly<Record<string, string>>;
}

/** The archive of the image. */
async function built(context: CliContext, name: string, { folder, tag, args }: Wanted): Promise<Buffer> {
  const socket = socketOf(name);
  const paths = clusterPaths(name);
  const scratchDir = join(paths.node, 'builds');
  await removeLeftBuilds({ socket, scratchDir });
  const machine = new ImageBuild({
    socket,
    scratchDir,
    cgroupRoot: cgroupRoot(paths),
    pull: (ref) => pull(context, name, socket, ref),
    onOutput: (chunk) => void context.output.write(chunk),
  });
  try {
    return await buildFromDirectory(
      { dir: resolve(folder), ref: tag, args, onRun: (command) => context.print(`RUN ${command}`) },
      machine,
    );
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(`${folder} could not be built: ${(error as Error).message}`, buildHint);
  } finally {
    machine.end();
  }
}

async function pull(context: CliContext, name: string, socket: string, ref: string): Promise<void> {
  const registry = ref.slice(0, ref.indexOf('/'));
  const { auth } = readRegistriesFile().hosts[registry] ?? {};
  const progress = showProgress(context.output, `pulling ${ref}`);
  try {
    await pullImage(socket, ref, {
      registryDir: registryDir(clusterPaths(name).node),
      ...(auth ? { user: `${auth.username}:${auth.password || auth.identityToken}` } : {}),
      onProgress: progress.show,
    });
  } catch (error) {
    throw new Problem(`${ref} could not be pulled: ${(error as Error).message}`, pullHint);
  } finally {
    progress.end();
  }
  context.print(`pulled ${ref}`);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function mustBeImageName(ref: string): void {
  if (!isImageName(ref)) throw new Problem(`"${ref}" is no name of an image`, 'for example: web:1');
}

function socketOf(name: string): string {
  const paths = clusterPaths(name);
  const config = configOf(name);
  const socket = join(paths.run, 'containerd.sock');
  if (!config.realNodes) {
    throw new Problem(`cluster ${name} has no real node`, 'only a node with containerd keeps images');
  }
  if (!existsSync(socket)) {
    throw new Problem(`the node of cluster ${name} is not running`, `start it: kybern up --name ${name}`);
  }
  return socket;
}
