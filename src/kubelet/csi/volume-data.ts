/**
 * What the kubelet keeps on the disk about a CSI volume: a kubelet that starts again must know which driver
 * takes it down. Upstream's file `vol_data.json` and its places.
 */

import { type CsiVolumeName, sha256 } from '#api/volumes/csi-names.ts';
import { kindOf, listDirectory, readStart, removeEmptyDirectory, removeFile } from '#host/files/files.ts';
import { writeWholeFileLater } from '#host/files/whole-file.ts';

export interface VolumeData extends CsiVolumeName {
  /** The name of the PersistentVolume, or of the volume in the pod. */
  readonly specVolID?: string;
  readonly nodeName?: string;
  readonly attachmentID?: string;
  readonly volumeLifecycleMode?: 'Persistent' | 'Ephemeral';
  /** Of a stage that does not lie beside this file. */
  readonly stagingPath?: string;
}

const fileName = 'vol_data.json';
const bytesMax = 64 * 1024;

/** Of a volume that a pod names itself. */
export function inlineHandle(podUid: string, volumeName: string): string {
  return `csi-${sha256(`${podUid}${volumeName}`)}`;
}

/** The folder of all stages of the node's volumes, below that of plugins. */
export function stagesDir({ pluginsDir }: { readonly pluginsDir: string }): string {
  return `${pluginsDir}/kubernetes.io/csi`;
}

export async function saveVolumeData(dir: string, data: VolumeData): Promise<void> {
  await writeWholeFileLater(`${dir}/${fileName}`, `${JSON.stringify(data)}\n`);
}

/**
 * Undefined when there is none, which may have been removed meanwhile, or when a loss of power has left an empty one.
 * Throws when it cannot be read.
 */
export async function loadVolumeData(dir: string): Promise<VolumeData | undefined> {
  const path = `${dir}/${fileName}`;
  const text = await readStart(path, bytesMax);
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as VolumeData;
  } catch (error) {
    throw new Error(`kubernetes.io/csi: failed to parse volume data file [${path}]: ${String(error)}`);
  }
}

/** Removes an unmounted target with what is kept about it. What is in the target stays, and is an error. */
export async function removeTarget(dir: string, target: string): Promise<void> {
  await removeEmptyDirectory(target);
  await removeFile(`${dir}/${fileName}`);
  // Of a crash while it was written.
  await removeFile(`${dir}/${fileName}.new`);
  await removeEmptyDirectory(dir);
}

/** The stages of the node, as `DRIVER/SHA`. */
export async function findStages(places: { readonly pluginsDir: string }): Promise<string[]> {
  const found: string[] = [];
  for (const driver of await listDirectory(stagesDir(places))) {
    for (const sha of await listDirectory(`${stagesDir(places)}/${driver}`)) {
      const file = `${stagesDir(places)}/${driver}/${sha}/${fileName}`;
      if ((await kindOf(file)) === 'file') found.push(`${driver}/${sha}`);
    }
  }
  return found;
}
