/** `kybern image`: brings images into a cluster's node without any registry. */

import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { clusterPaths, readConfig } from '#host/cluster-home.ts';
import { importImage, listImages, removeImage } from '#host/containerd-images.ts';
import { buildFromDirectory } from '#host/image-build.ts';
import { type CliContext, defineCommand } from './command.ts';
import { Problem } from './problem.ts';

interface Named {
  readonly name: string;
}

export const image = defineCommand((program, context) => {
  const group = program.command('image').description("the images of a cluster's node");
  named(group, 'import <file>', 'load the images of an OCI or Docker archive').action(
    async (file: string, { name }: Named) => {
      if (!existsSync(file))
        throw new Problem(`there is no file ${file}`, 'give the path of a tar archive of images');
      await load(context, name, resolve(file));
    },
  );
  named(
    group,
    'build <folder>',
    'build an image from a folder with a Dockerfile (FROM scratch, COPY, ENV, CMD, …)',
  )
    .requiredOption('-t, --tag <ref>', 'name of the image')
    .action(async (folder: string, { name, tag }: Named & { tag: string }) => {
      const archive = join(clusterPaths(name).dir, `image-${process.pid}.tar`);
      socketOf(name);
      writeFileSync(archive, buildFromDirectory({ dir: resolve(folder), ref: tag }), { mode: 0o600 });
      try {
        await load(context, name, archive);
      } finally {
        rmSync(archive, { force: true });
      }
    });
  named(group, 'ls', 'list the images').action(async ({ name }: Named) => {
    for (const one of await listImages(socketOf(name))) context.print(one);
  });
  named(group, 'rm <ref>', 'remove an image').action(async (ref: string, { name }: Named) => {
    await removeImage(socketOf(name), ref);
    context.print(`removed ${ref}`);
  });
});

function named(group: Command, usage: string, description: string): Command {
  return group
    .command(usage)
    .description(description)
    .option('--name <name>', 'name of the cluster', 'default');
}

async function load(context: CliContext, name: string, archive: string): Promise<void> {
  for (const ref of await importImage(socketOf(name), archive)) context.print(`imported ${ref}`);
}

function socketOf(name: string): string {
  const paths = clusterPaths(name);
  const config = readConfig(paths);
  if (!config) throw new Problem(`there is no cluster ${name}`, 'kybern list shows those there are');
  const socket = join(paths.run, 'containerd.sock');
  if (!config.realNodes)
    throw new Problem(`cluster ${name} has no real node`, 'only a node with containerd keeps images');
  if (!existsSync(socket))
    throw new Problem(`the node of cluster ${name} is not running`, `start it: kybern up --name ${name}`);
  return socket;
}
