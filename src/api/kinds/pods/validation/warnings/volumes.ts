/** Warnings about volumes of removed plugins, and overlapping files of one volume. */

import { withoutEnding } from '#base/text/without-ending.ts';
import type { Volume, VolumeProjection } from '../../../../generated/types.gen.ts';
import { claimSpecWarnings } from './claims.ts';
import { warningsMax } from './max.ts';

export const oldPlugins: Readonly<Record<string, string>> = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
};

/** Where the path differs from the field, since upstream uses the struct's name. */
export const pluginPaths: Readonly<Record<string, string>> = { storageos: 'storageOS' };

export function volumeWarnings(volumes: readonly Volume[] | undefined, path: string): string[] {
  const warnings: string[] = [];
  if (!volumes) return warnings;
  for (let i = 0; i < volumes.length; i++) {
    for (const key in volumes[i]) {
      const text = oldPlugins[key];
      if (text) warnings.push(`${path}[${i}].${pluginPaths[key] ?? key}: ${text}`);
    }
    const template = volumes[i]!.ephemeral?.volumeClaimTemplate;
    if (!template) continue;
    warnings.push(...claimSpecWarnings(template.spec, `${path}[${i}].ephemeral.volumeClaimTemplate.spec`));
  }
  for (const volume of volumes) addOverlaps(warnings, volume);
  return warnings;
}

function addOverlaps(warnings: string[], { name, configMap, secret, downwardAPI, projected }: Volume): void {
  const add = (files: readonly File[], what: () => string) => {
    for (const text of overlaps(files)) warnings.push(`volume ${quoted(name)} (${what()}): ${text}`);
  };
  if (configMap?.items) add(configMap.items, () => `ConfigMap ${quoted(configMap.name)}`);
  if (secret?.items) add(secret.items, () => `Secret ${quoted(secret.secretName)}`);
  if (downwardAPI?.items) add(downwardAPI.items, () => 'DownwardAPI');
  if (!projected?.sources) return;
  for (const source of projected.sources) {
    if (Object.values(source).some((value) => value !== undefined)) continue;
    warnings.push(`volume ${quoted(name)} (Projected) has no sources provided`);
  }
  add(projected.sources.flatMap(projectedFiles), () => 'Projected');
}

interface File {
  readonly path: string;
  /** The source of a projected volume. */
  readonly from?: VolumeProjection;
}

function projectedFiles(from: VolumeProjection): File[] {
  const { configMap, secret, downwardAPI, serviceAccountToken } = from;
  const items = configMap?.items ?? secret?.items ?? downwardAPI?.items;
  if (items) return items.map(({ path }) => ({ path, from }));
  return serviceAccountToken ? [{ path: serviceAccountToken.path, from }] : [];
}

/** Number of leading folders of a path that are compared. */
const foldersMax = 64;

/** Each file is compared with the folders of earlier files, and they with its own. */
function overlaps(files: readonly File[]): string[] {
  const texts: string[] = [];
  const named = new Map<string, number[]>();
  const inside = new Map<string, number[]>();
  for (const [i, file] of files.entries()) {
    const path = trimmed(file);
    if (path === '') continue;
    const folders = foldersOf(path);
    const others = [path, ...folders]
      .flatMap((value) => named.get(value) ?? [])
      .concat(inside.get(path) ?? []);
    for (const j of others.sort((a, b) => a - b)) {
      texts.push(`overlapping paths: ${fileText(file)} with ${fileText(files[j]!)}`);
      if (texts.length >= warningsMax) return texts;
    }
    note(named, path, i);
    for (const folder of folders) note(inside, folder, i);
  }
  return texts;
}

/** `a/b` and `a` of `a/b/c`. */
function foldersOf(path: string): string[] {
  const folders: string[] = [];
  for (let at = path.indexOf('/'); at >= 0 && folders.length < foldersMax; at = path.indexOf('/', at + 1)) {
    if (at > 0) folders.push(path.slice(0, at));
  }
  return folders;
}

/** Adds `index` to the list of `key`, up to the limit of warnings. */
function note(map: Map<string, number[]>, key: string, index: number): void {
  const list = map.get(key);
  if (!list) map.set(key, [index]);
  else if (list.length < warningsMax) list.push(index);
}

function trimmed({ path = '' }: File): string {
  return withoutEnding(path, '/');
}

function fileText(file: File): string {
  const path = quoted(trimmed(file));
  return file.from ? `${path} (${sourceText(file.from)})` : path;
}

function sourceText({ configMap, secret, downwardAPI }: VolumeProjection): string {
  if (configMap?.items) return `ConfigMap ${quoted(configMap.name)}`;
  if (secret?.items) return `Secret ${quoted(secret.name)}`;
  return downwardAPI?.items ? 'DownwardAPI' : 'ServiceAccountToken';
}

function quoted(text: string | undefined): string {
  return JSON.stringify(text ?? '');
}
