/** Volumes of plugins that are gone, and files of one volume that lie in each other's way. */

import type { Volume, VolumeProjection } from '../types.gen.ts';

const oldPlugins = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
} as const;

/** Where the path differs from the field: upstream names the struct. */
const pluginPaths: Readonly<Record<string, string>> = { storageos: 'storageOS' };

export function volumeWarnings(volumes: readonly Volume[] | undefined, path: string): string[] {
  if (!volumes) return [];
  return [
    ...volumes.flatMap((volume, i) => pluginWarnings(volume, `${path}[${i}]`)),
    ...volumes.flatMap(overlapWarnings),
  ];
}

function pluginWarnings(volume: Volume, path: string): string[] {
  return Object.entries(oldPlugins)
    .filter(([key]) => volume[key as keyof typeof oldPlugins] !== undefined)
    .map(([key, text]) => `${path}.${pluginPaths[key] ?? key}: ${text}`);
}

interface File {
  readonly path: string;
  /** Which of the volume's sources, where there are several. */
  readonly source: string;
}

function overlapWarnings(volume: Volume): string[] {
  const { configMap, secret, downwardAPI, projected } = volume;
  const texts: string[] = [];
  const add = (what: string, files: File[]) => {
    for (const text of overlaps(files)) texts.push(`volume ${quoted(volume.name)} (${what}): ${text}`);
  };
  if (configMap) add(`ConfigMap ${quoted(configMap.name)}`, filesOf(configMap.items));
  if (secret) add(`Secret ${quoted(secret.secretName)}`, filesOf(secret.items));
  if (downwardAPI) add('DownwardAPI', filesOf(downwardAPI.items));
  for (const source of projected?.sources ?? []) {
    if (Object.values(source).some((one) => one !== undefined)) continue;
    texts.push(`volume ${quoted(volume.name)} (Projected) has no sources provided`);
  }
  if (projected?.sources) add('Projected', projected.sources.flatMap(projectedFiles));
  return texts;
}

function projectedFiles({ configMap, secret, downwardAPI, serviceAccountToken }: VolumeProjection): File[] {
  if (configMap?.items) return filesOf(configMap.items, `ConfigMap ${quoted(configMap.name)}`);
  if (secret?.items) return filesOf(secret.items, `Secret ${quoted(secret.name)}`);
  if (downwardAPI?.items) return filesOf(downwardAPI.items, 'DownwardAPI');
  return serviceAccountToken ? filesOf([serviceAccountToken], 'ServiceAccountToken') : [];
}

function filesOf(items: readonly { path: string }[] = [], source = ''): File[] {
  return items.map(({ path }) => ({ path: path.replace(/\/+$/, ''), source }));
}

function overlaps(files: readonly File[]): string[] {
  return files.flatMap((file, i) =>
    files
      .slice(0, i)
      .filter((before) => inEachOthersWay(file.path, before.path))
      .map((before) => `overlapping paths: ${fileText(file)} with ${fileText(before)}`),
  );
}

function inEachOthersWay(one: string, other: string): boolean {
  return (
    one !== '' && other !== '' && (`${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`))
  );
}

function fileText({ path, source }: File): string {
  return source ? `${quoted(path)} (${source})` : quoted(path);
}

function quoted(text: string | undefined): string {
  return JSON.stringify(text ?? '');
}
