/** Loads the images of an archive into the nodes of a cluster. */

import { withPlainArchive } from '#host/archives/plain-archive.ts';
import { importImage } from '#host/containerd/images.ts';
import type { CliContext } from '../../shared/command.ts';
import { Problem } from '../../shared/problem.ts';
import { imageNodes, scratchFile } from './node-images.ts';

export const archiveHint =
  'give a tar archive of images, as docker save or podman save write it; --tag names an image without a name';

/**
 * `what` is what the user has named: the archive itself, or the folder that it was built from. `tag`: a full name for an
 * image without one.
 */
export async function loadArchive(
  context: CliContext,
  name: string,
  archive: string,
  what: string,
  tag?: string,
): Promise<void> {
  const nodes = imageNodes(name);
  let refs: string[] = [];
  try {
    await withPlainArchive(archive, scratchFile(name, 'plain'), async (path) => {
      for (const { socket } of nodes) refs = await importImage(socket, path, tag);
    });
  } catch (error) {
    throw new Problem(`${what} could not be imported: ${(error as Error).message}`, archiveHint);
  }
  if (refs.length === 0) {
    throw new Problem(`${what} holds no image with a name for this machine`, archiveHint);
  }
  for (const ref of refs) context.print(`imported ${ref}`);
}
