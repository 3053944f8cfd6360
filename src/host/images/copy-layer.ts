/** COPY and ADD: which files of a folder become which entries of an image's layer. */

import { globSync, lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, posix, relative, resolve, sep } from 'node:path';
import type { TarEntry } from '../archives/tar.ts';
import { wordsOf } from './dockerfile.ts';

export interface Copy {
  /** A stage or an image; default the build context. */
  readonly from?: string;
  readonly sources: readonly string[];
  readonly target: string;
  readonly flags: CopyFlags;
}

interface CopyFlags {
  mode: number | undefined;
  uid: number;
  gid: number;
}

/** Reads `--from=build --chown=7 site /srv/`, with its variables filled in. */
export function readCopy(rest: string): Copy {
  const words = wordsOf(rest);
  const flags: CopyFlags = { mode: undefined, uid: 0, gid: 0 };
  let from: string | undefined;
  while (words[0]?.startsWith('--')) {
    const flag = words.shift() ?? '';
    if (flag.startsWith('--from=')) from = flag.slice('--from='.length);
    else applyFlag(flags, flag);
  }
  const target = words.pop();
  if (!target || words.length === 0) throw new Error('COPY needs sources and a target');
  return { ...(from === undefined ? {} : { from }), sources: words, target, flags };
}

/** The files of `dir` that are copied, under their new names. `workingDir` is where relative targets begin. */
export function copyLayer(dir: string, { sources, target, flags }: Copy, workingDir: string): TarEntry[] {
  const into = posix.resolve(workingDir, target);
  const found = sources.flatMap((pattern) => sourcesOf(dir, pattern));
  const isFolder = target.endsWith('/') || target === '.' || found.length > 1;
  const entries = new Map<string, TarEntry>();
  for (const source of found) addSource(entries, source, into, isFolder, flags);
  return [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function applyFlag(flags: CopyFlags, flag: string): void {
  const [, name, value = ''] = /^--(\w+)=(.*)$/.exec(flag) ?? [];
  if (name === 'chmod') flags.mode = Number.parseInt(value, 8);
  else if (name === 'chown') {
    const [uid, gid = uid] = value.split(':');
    if (!/^\d+$/.test(uid ?? '') || !/^\d+$/.test(gid ?? '')) throw new Error('--chown takes numbers only');
    flags.uid = Number(uid);
    flags.gid = Number(gid);
  } else throw new Error(`${flag} is not supported`);
}

function sourcesOf(dir: string, pattern: string): string[] {
  const found = /[*?[]/.test(pattern)
    ? globSync(pattern.replace(/^\/+/, ''), { cwd: dir }).map((path) => resolve(dir, path))
    : [resolve(dir, `.${posix.resolve('/', pattern)}`)];
  if (found.length === 0) throw new Error(`nothing matches ${pattern}`);
  for (const source of found) {
    if (!isInside(dir, source)) throw new Error(`${pattern} lies outside of the build context`);
  }
  return found.sort();
}

/** Also if folders of the path are links. The last component may be a link: it is copied as a link. */
function isInside(dir: string, source: string): boolean {
  const folder = source === dir ? dir : dirname(source);
  const [first] = relative(realpathSync(dir), realpathSync(folder)).split(sep);
  return first !== '..';
}

/** A directory's contents are copied, not the directory itself. */
function addSource(
  entries: Map<string, TarEntry>,
  source: string,
  into: string,
  isFolder: boolean,
  flags: CopyFlags,
): void {
  const found = lstatSync(source);
  if (found.isDirectory()) {
    addFolder(entries, into, flags);
    for (const name of readdirSync(source)) {
      addTree(entries, `${source}/${name}`, posix.join(into, name), flags);
    }
    return;
  }
  addTree(entries, source, isFolder ? posix.join(into, posix.basename(source)) : into, flags);
}

function addTree(entries: Map<string, TarEntry>, source: string, target: string, flags: CopyFlags): void {
  addFolder(entries, posix.dirname(target), flags);
  const found = lstatSync(source);
  const path = target.replace(/^\//, '');
  const { uid, gid } = flags;
  if (found.isSymbolicLink()) {
    entries.set(path, { path, mode: 0o777, uid, gid, linkTo: readlinkSync(source) });
  } else if (found.isDirectory()) {
    addFolder(entries, target, flags, found.mode & 0o7777);
    for (const name of readdirSync(source)) {
      addTree(entries, `${source}/${name}`, posix.join(target, name), flags);
    }
  } else if (found.isFile()) {
    const mode = flags.mode ?? found.mode & 0o7777;
    entries.set(path, { path, mode, uid, gid, content: readFileSync(source) });
  }
}

function addFolder(entries: Map<string, TarEntry>, target: string, flags: CopyFlags, mode = 0o755): void {
  const parts = target.split('/').filter(Boolean);
  for (let depth = 1; depth <= parts.length; depth++) {
    const path = `${parts.slice(0, depth).join('/')}/`;
    const own = depth === parts.length ? mode : 0o755;
    if (!entries.has(path)) entries.set(path, { path, mode: own, uid: flags.uid, gid: flags.gid });
  }
}
