/** `kybern image`: the images of a cluster's nodes on this machine, loaded, built, pulled, listed and removed. */

import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { pauseImage } from '#host/containerd/containerd.ts';
import { listImages, removeImage } from '#host/containerd/images.ts';
import { nameOption } from '../../shared/cluster-option.ts';
import { defineCommand } from '../../shared/command.ts';
import { Problem } from '../../shared/problem.ts';
import { buildAndLoad } from './build.ts';
import { archiveHint, loadArchive } from './load.ts';
import { imageNameOf, imageNodes, socketOf } from './node-images.ts';
import { pullByHand } from './pull.ts';

interface Named {
  readonly name: string;
}

interface BuildFlags extends Named {
  readonly tag: string;
  readonly buildArg?: Record<string, string>;
  readonly file?: string;
  readonly target?: string;
  readonly cache: boolean;
}

export const image = defineCommand((program, context) => {
  const group = program.command('image').description("the images of a cluster's nodes on this machine");
  named(group, 'import <file>', 'load the images of an OCI or Docker archive')
    .option('-t, --tag <ref>', 'name of an image that the archive has no name for')
    .action(async (file: string, { name, tag }: Named & { readonly tag?: string }) => {
      socketOf(name);
      const full = tag === undefined ? undefined : imageNameOf(tag);
      if (!isFile(file)) throw new Problem(`there is no file ${file}`, archiveHint);
      await loadArchive(context, name, resolve(file), file, full);
    });
  named(
    group,
    'build <folder>',
    'build an image from a folder with a Dockerfile (RUN runs in a container of the node)',
  )
    .requiredOption('-t, --tag <ref>', 'name of the image')
    .option('-f, --file <file>', 'the Dockerfile (default: Dockerfile in the folder)')
    .option('--target <stage>', 'the stage that becomes the image (default: the last one)')
    .option('--no-cache', 'run every command again')
    .addOption(
      new Option(
        '--build-arg <name[=value]>',
        'a value of an ARG, or the variable of that name; may be repeated',
      ).argParser(addArgument),
    )
    .action(async (folder: string, { name, tag, buildArg = {}, ...more }: BuildFlags) => {
      socketOf(name);
      imageNameOf(tag);
      const file = more.file ?? join(folder, 'Dockerfile');
      if (!isFile(file)) throw new Problem(`there is no file ${file}`, 'name a folder that has a Dockerfile');
      await buildAndLoad(context, name, { ...more, folder, tag, args: buildArg });
    });
  named(group, 'pull <ref>', 'take an image from its registry (docs/guides/registries.md)').action(
    async (ref: string, { name }: Named) => {
      socketOf(name);
      await pullByHand(context, name, imageNameOf(ref));
    },
  );
  named(group, 'ls', 'list the images').action(async ({ name }: Named) => {
    const lists = await Promise.all(imageNodes(name).map(({ socket }) => listImages(socket)));
    for (const image of [...new Set(lists.flat())].sort()) context.print(image);
  });
  named(group, 'rm <ref>', 'remove an image').action(async (ref: string, { name }: Named) => {
    const nodes = imageNodes(name);
    const full = imageNameOf(ref);
    if (full === pauseImage) {
      throw new Problem(
        `every pod of the node needs ${full}`,
        'it is removed with the cluster: kybern delete',
      );
    }
    const removed = await Promise.all(nodes.map(({ socket }) => removeImage(socket, full)));
    if (!removed.includes(true)) {
      throw new Problem(`there is no image ${full}`, `kybern image ls --name ${name} shows those there are`);
    }
    context.print(`removed ${full}`);
  });
});

function named(group: Command, usage: string, description: string): Command {
  return group.command(usage).description(description).addOption(nameOption());
}

/** `NAME` alone takes its value from the environment, where other users of the machine do not see it. */
function addArgument(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at > 0) return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  const value = at < 0 ? process.env[text] : undefined;
  if (value !== undefined) return { ...before, [text]: value };
  throw new Problem(
    `--build-arg ${text} is neither NAME=VALUE nor a variable of the environment`,
    'try: --build-arg VERSION=1.2',
  );
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
