/**
 * Pulls an image by hand, from where `registries.yaml` says that it is: under the names that a mirror has it by, then
 * under its own, with each password that may fit, as the kubelet does for a pod without pull secrets.
 */

import { registryHosts } from '#api/configuration/registries/hosts.ts';
import { nodeCredentials, rewrittenNames } from '#api/configuration/registries/names.ts';
import { errorText } from '#base/text/error-text.ts';
import { tagImage } from '#host/containerd/images.ts';
import type { RegistryLogin } from '#host/containerd/pull-image.ts';
import { progressText } from '#host/containerd/pull-progress.ts';
import { registryDir, writeRegistryFiles } from '#host/containerd/registry-files.ts';
import type { CliContext } from '../../shared/command.ts';
import { Problem } from '../../shared/problem.ts';
import { showProgress } from '../../shared/progress.ts';
import { readRegistriesFile } from '../../shared/registries-file.ts';
import { imageNodes, type NodeImages } from './node-images.ts';

const pullHint = 'docs/guides/registries.md says how a mirror, a certificate or a password is given';

interface Attempt {
  readonly name: string;
  readonly login?: RegistryLogin | undefined;
}

/** Into every node of the cluster; a full name. Throws the reasons of all attempts. */
export async function pullByHand(context: CliContext, name: string, ref: string): Promise<void> {
  for (const node of imageNodes(name)) await pullInto(context, node, ref);
  context.print(`pulled ${ref}`);
}

async function pullInto(context: CliContext, { socket, dir }: NodeImages, ref: string): Promise<void> {
  const registries = readRegistriesFile();
  await writeRegistryFiles(registryDir(dir), registryHosts(registries));
  const own = nodeCredentials(registries, ref).map((login) => ({ name: ref, login }));
  const attempts: Attempt[] = [
    ...rewrittenNames(registries, ref).map((found) => ({ name: found.name, login: found.credentials })),
    ...(own.length > 0 ? own : [{ name: ref }]),
  ];
  const reasons = new Set<string>();
  for (const attempt of attempts) {
    try {
      await pullOnce(context, socket, attempt);
      if (attempt.name !== ref) await tagImage(socket, attempt.name, ref);
      return;
    } catch (error) {
      reasons.add(errorText(error));
    }
  }
  throw new Problem(`${ref} could not be pulled: ${[...reasons].join('; ')}`, pullHint);
}

async function pullOnce({ output }: CliContext, socket: string, { name, login }: Attempt): Promise<void> {
  // Other commands do without the libraries of gRPC.
  const { pullImage } = await import('#host/containerd/pull-image.ts');
  const progress = showProgress(output, `pulling ${name}`);
  try {
    await pullImage(socket, name, { login, onProgress: (state) => progress.show(progressText(state)) });
  } finally {
    progress.end();
  }
}
