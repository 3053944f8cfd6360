/** COPY and ADD: which files of a folder become which entries of an image's layer. */

import { lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { dirname, posix, relative, resolve, sep } from 'node:path';
import type { TarEntry } from '../archives/tar.ts';
import type { Copy } from './copy-flags.ts';
import { FilesBelow } from './files-below.ts';
import { type IgnoreFile, noIgnoreFile } from './ignore-file.ts';
import type { Owner } from './owner.ts';
import { pathPattern } from './path-pattern.ts';

export interface CopySource {
  readonly dir: string;
  /** Of a build context. */
  readonly ignoreFile?: IgnoreFile;
}

export interface CopyTarget extends Owner {
  /** Where relative targets begin. */
  readonly workingDir: string;
  /** The files of the image that the layer lies over; undefined when there are none. */
  readonly root?: string | undefined;
}

/** A layer is held in memory. */
const layerBytesMax = 2 * 1024 ** 3 - 1;
const folderMode = 0o755;

/** The files of a folder that are copied, under their new names. */
export function copyLayer(source: CopySource, copy: Copy, target: CopyTarget): TarEntry[] {
  return new CopiedFiles(source, copy, target).entries();
}

class CopiedFiles {
  readonly #dir: string;
  readonly #ignoreFile: IgnoreFile;
  readonly #copy: Copy;
  readonly #target: CopyTarget;
  readonly #entries = new Map<string, TarEntry>();
  readonly #below: FilesBelow;
  #bytes = 0;

  constructor({ dir, ignoreFile = noIgnoreFile }: CopySource, copy: Copy, target: CopyTarget) {
    this.#dir = dir;
    this.#ignoreFile = ignoreFile;
    this.#copy = copy;
    this.#target = target;
    this.#below = new FilesBelow(target.root);
  }

  entries(): TarEntry[] {
    const { sources, target } = this.#copy;
    const into = posix.resolve(this.#target.workingDir, target);
    const found = sources.flatMap((pattern) => this.#sourcesOf(pattern));
    const isFolder = target.endsWith('/') || target === '.' || found.length > 1;
    for (const source of found) this.#addSource(source, into, isFolder);
    return [...this.#entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  #sourcesOf(pattern: string): string[] {
    const dir = this.#dir;
    const isGlob = /[*?[]/.test(pattern);
    const found = isGlob ? matching(dir, pattern) : [resolve(dir, `.${posix.resolve('/', pattern)}`)];
    for (const source of found) {
      if (!isInside(dir, source)) throw new Error(`${pattern} lies outside of the build context`);
    }
    const taken = found.filter((source) => !this.#isIgnored(source) || this.#mayHaveExceptions(source));
    if (taken.length > 0) return taken.sort();
    throw new Error(
      found.length > 0 ? `${pattern} is left out by .dockerignore` : `nothing matches ${pattern}`,
    );
  }

  #isIgnored(source: string): boolean {
    const path = relative(this.#dir, source);
    return path !== '' && this.#ignoreFile.ignores(path);
  }

  #mayHaveExceptions(source: string): boolean {
    return this.#ignoreFile.hasExceptions && lstatSync(source).isDirectory();
  }

  /** A directory's contents are copied, not the directory itself. */
  #addSource(source: string, into: string, isFolder: boolean): void {
    if (!lstatSync(source).isDirectory()) {
      this.#addTree(source, isFolder ? posix.join(into, posix.basename(source)) : into);
      return;
    }
    this.#addFolder(into);
    for (const name of readdirSync(source)) this.#addTree(`${source}/${name}`, posix.join(into, name));
  }

  #addTree(source: string, target: string): void {
    const isIgnored = this.#isIgnored(source);
    if (isIgnored && !this.#mayHaveExceptions(source)) return;
    const found = lstatSync(source);
    if (found.isDirectory()) {
      if (!isIgnored) this.#addFolder(target, found.mode & 0o7777);
      for (const name of readdirSync(source)) this.#addTree(`${source}/${name}`, posix.join(target, name));
      return;
    }
    const { uid, gid } = this.#target;
    const path = `${this.#addFolder(posix.dirname(target))}${posix.basename(target)}`;
    if (found.isSymbolicLink()) {
      this.#entries.set(path, { path, mode: 0o777, uid, gid, linkTo: readlinkSync(source) });
    } else if (found.isFile()) {
      this.#count(found.size);
      const mode = this.#copy.mode ?? found.mode & 0o7777;
      this.#entries.set(path, { path, mode, uid, gid, content: readFileSync(source) });
    }
  }

  /** Before a file is read: the whole machine may lie below the folder by mistake. */
  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= layerBytesMax) return;
    throw new Error('the files are larger than 2 GiB together (.dockerignore leaves files out)');
  }

  /** Also those above it. `mode`: of a folder that is copied. Returns its path in the layer: `a/b/`, or nothing for the root. */
  #addFolder(target: string, mode?: number): string {
    const { uid, gid } = this.#target;
    let path = '';
    const names = target.split('/').filter(Boolean);
    for (const [index, name] of names.entries()) {
      const isCopied = mode !== undefined && index === names.length - 1;
      path = this.#below.folderAt(`${path}${name}`);
      // One that is there has its mode and owner, which an entry would replace.
      if (this.#entries.has(path) || (!isCopied && this.#below.has(path))) continue;
      this.#entries.set(path, { path, mode: isCopied ? mode : folderMode, uid, gid });
    }
    return path;
  }
}

/** Also if folders of the path are links. The last component may be a link: it is copied as a link. */
function isInside(dir: string, source: string): boolean {
  const folder = source === dir ? dir : dirname(source);
  const [first] = relative(realpathSync(dir), realpathSync(folder)).split(sep);
  return first !== '..';
}

/** As Go's filepath.Glob: one folder of the pattern after the other. */
function matching(dir: string, pattern: string): string[] {
  const steps = posix
    .normalize(pattern)
    .split('/')
    .filter((step) => step !== '');
  return steps.reduce<string[]>((folders, step) => folders.flatMap((folder) => below(folder, step)), [dir]);
}

function below(folder: string, step: string): string[] {
  if (step === '..') return [dirname(folder)];
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  const matches = pathPattern(step.replace(/\*+/g, '*'));
  return readdirSync(folder)
    .filter((name) => matches(name))
    .map((name) => resolve(folder, name));
}
