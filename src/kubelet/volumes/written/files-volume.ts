/** What configMap, secret, downwardAPI and projected volumes share: files in memory, written as one set. */

import { configMaps, secrets } from '#api/generated/kinds.gen.ts';
import type { DownwardAPIVolumeFile, KeyToPath, Volume } from '#api/generated/types.gen.ts';
import { hasFiles, type ProjectedFile, writeAtomically } from '#host/files/atomic-writer.ts';
import { ensureDirectory, listDirectory } from '#host/files/files.ts';
import { giveToGroup } from '#host/files/give-to-group.ts';
import { isFileSystem } from '#host/kernel/mounts.ts';
import { fieldValue, resourceValue } from '../../config/field-ref.ts';
import {
  type FoundVolume,
  pluginDir,
  removeUnmounted,
  type VolumeContext,
  type VolumePlaces,
  type VolumePlugin,
  volumeDir,
} from '../volume.ts';

export type Files = Map<string, ProjectedFile>;

export const defaultMode = 0o644;

const missingKey = {
  configmap: (key: string) => `configmap references non-existent config key: ${key}`,
  secret: (key: string) => `references non-existent secret key: ${key}`,
};

interface KeyedSource {
  readonly name: string;
  readonly items: readonly KeyToPath[] | undefined;
  readonly optional: boolean;
  readonly mode: number;
}

export async function configMapFiles(context: VolumeContext, source: KeyedSource): Promise<Files> {
  const namespace = context.pod.metadata.namespace ?? '';
  const found = await context.objects.get(configMaps, namespace, source.name);
  const data = new Map<string, Uint8Array>();
  for (const [key, value] of Object.entries(found?.data ?? {})) data.set(key, Buffer.from(value));
  for (const [key, value] of Object.entries(found?.binaryData ?? {})) {
    data.set(key, Buffer.from(String(value), 'base64'));
  }
  return chosenFiles(found && data, source, 'configmap');
}

export async function secretFiles(context: VolumeContext, source: KeyedSource): Promise<Files> {
  const namespace = context.pod.metadata.namespace ?? '';
  const found = await context.objects.get(secrets, namespace, source.name);
  const entries = Object.entries(found?.data ?? {});
  const data = new Map(entries.map(([key, value]) => [key, Buffer.from(String(value), 'base64')]));
  return chosenFiles(found && data, source, 'secret');
}

function chosenFiles(
  data: ReadonlyMap<string, Uint8Array> | undefined,
  { name, items, optional, mode }: KeyedSource,
  kind: keyof typeof missingKey,
): Files {
  if (!data) {
    if (optional) return new Map();
    throw new Error(`${kind} "${name}" not found`);
  }
  if (!items || items.length === 0) {
    return new Map([...data].map(([key, content]) => [key, { content, mode }]));
  }
  const files: Files = new Map();
  for (const item of items) {
    const content = data.get(item.key);
    if (content) files.set(item.path, { content, mode: item.mode ?? mode });
    else if (!optional) throw new Error(missingKey[kind](item.key));
  }
  return files;
}

export function downwardFiles(
  { pod, podIps, nodeIp, allocatable }: VolumeContext,
  items: readonly DownwardAPIVolumeFile[],
  mode: number,
): Files {
  const files: Files = new Map();
  for (const item of items) {
    const text = item.fieldRef
      ? fieldValue(pod, item.fieldRef.fieldPath, { podIps, hostIp: nodeIp })
      : resourceValue(pod, pod.spec.containers[0]!, item.resourceFieldRef!, allocatable);
    files.set(item.path, { content: Buffer.from(text), mode: item.mode ?? mode });
  }
  return files;
}

interface FilesPlugin {
  readonly name: string;
  readonly field: keyof Volume;
  /** Secrets and tokens must never reach a disk: they lie on the node's tmpfs. */
  readonly inMemory: boolean;
  files(context: VolumeContext, volume: Volume): Promise<Files> | Files;
}

/** A plugin whose volumes are files that are written as one set, and follow what they are made from. */
export function filesPlugin({ name, field, inMemory, files }: FilesPlugin): VolumePlugin {
  return {
    name,
    field,
    readOnly: true,
    repeats: () => true,
    setUp: async (context, volume) =>
      writeFiles(context, await placeOf(context, name, volume, inMemory), await files(context, volume)),
    find: (places) => findFiles(places, name, inMemory),
    tearDown: removeUnmounted,
  };
}

/**
 * A pod that was started by a version of the kubelet that mounted a tmpfs for each volume sees that one for
 * as long as it runs: its tokens have to be renewed there.
 */
async function placeOf(
  places: VolumePlaces,
  plugin: string,
  volume: Pick<Volume, 'name'>,
  inMemory: boolean,
): Promise<string> {
  const inPod = volumeDir(places, plugin, volume);
  if (!inMemory || (await isFileSystem(inPod))) return inPod;
  return volumeDir({ volumesDir: places.memoryVolumesDir }, plugin, volume);
}

/** Only whole sets of files: what a setting-up left half done is not found. */
async function findFiles(places: VolumePlaces, plugin: string, inMemory: boolean): Promise<FoundVolume[]> {
  const names = new Set<string>();
  for (const dir of [places.volumesDir, ...(inMemory ? [places.memoryVolumesDir] : [])]) {
    for (const name of await listDirectory(pluginDir(dir, plugin))) names.add(name);
  }
  const found: FoundVolume[] = [];
  for (const name of names) {
    const path = await placeOf(places, plugin, { name }, inMemory);
    if (await hasFiles(path)) found.push({ name, path });
  }
  return found;
}

async function writeFiles(context: VolumeContext, dir: string, files: Files): Promise<string> {
  await ensureDirectory(dir, 0o777);
  const group = context.pod.spec.securityContext?.fsGroup;
  const owned: Files =
    group === undefined ? files : new Map([...files].map(([path, file]) => [path, forGroup(file, group)]));
  await writeAtomically(dir, owned);
  if (group !== undefined) await giveToGroup(dir, group, true);
  return dir;
}

function forGroup(file: ProjectedFile, gid: number): ProjectedFile {
  return { ...file, gid, mode: file.mode | 0o440 };
}
