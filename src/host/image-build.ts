/** Builds an image from a folder with a Dockerfile, without a registry, a daemon or a running container. */

import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { type Copy, parseDockerfile } from './dockerfile.ts';
import { buildImage } from './oci-image.ts';
import type { TarEntry } from './tar.ts';

/** The archive's bytes. Files belong to root, as COPY makes them. Throws for what the Dockerfile subset lacks. */
export async function buildFromFolder(folder: string, ref: string): Promise<Buffer> {
  const recipe = parseDockerfile(readFileSync(join(folder, 'Dockerfile'), 'utf8'));
  const layers = recipe.copies.map((copy) => entriesOf(folder, copy, recipe.config.WorkingDir ?? '/'));
  return buildImage({ ref, layers, config: recipe.config });
}

function entriesOf(folder: string, copy: Copy, workingDir: string): TarEntry[] {
  const target = resolve('/', workingDir, copy.target).slice(1);
  const intoFolder = copy.target.endsWith('/') || copy.target === '.' || copy.sources.length > 1;
  const entries = new Map<string, TarEntry>();
  for (const source of copy.sources) {
    const path = resolve(folder, source);
    if (relative(folder, path).startsWith('..')) throw new Error(`COPY ${source}: outside the folder`);
    // A folder's contents are copied, not the folder itself.
    if (lstatSync(path).isDirectory()) addFolder(entries, path, target);
    else addEntry(entries, path, intoFolder ? join(target, basename(path)) : target);
  }
  return [...parentsOf(entries), ...entries.values()];
}

function addFolder(entries: Map<string, TarEntry>, folder: string, target: string): void {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    const to = join(target, name);
    addEntry(entries, path, to);
    if (lstatSync(path).isDirectory()) addFolder(entries, path, to);
  }
}

function addEntry(entries: Map<string, TarEntry>, path: string, target: string): void {
  const found = lstatSync(path);
  const mode = found.mode & 0o7777;
  if (found.isDirectory()) entries.set(target, { path: `${target}/`, mode });
  else if (found.isSymbolicLink())
    entries.set(target, { path: target, mode: 0o777, linkTo: readlinkSync(path) });
  else if (found.isFile()) entries.set(target, { path: target, mode, content: readFileSync(path) });
  else throw new Error(`COPY: ${path} is neither file, folder nor link`);
}

/** Folders that no entry names, so that they get a sound mode. */
function parentsOf(entries: Map<string, TarEntry>): TarEntry[] {
  const missing = new Set<string>();
  for (const path of entries.keys()) {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth++) missing.add(parts.slice(0, depth).join('/'));
  }
  return [...missing]
    .filter((path) => !entries.has(path))
    .sort()
    .map((path) => ({ path: `${path}/`, mode: 0o755 }));
}
