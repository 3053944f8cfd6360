/**
 * Builds an image from a directory with a `FROM scratch` Dockerfile: files and settings, no commands to run.
 */

import { globSync, lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, posix, relative, resolve, sep } from 'node:path';
import type { TarEntry } from '../archives/tar.ts';
import { commandOf, type Instruction, pairsOf, parseDockerfile, wordsOf } from './dockerfile.ts';
import { buildImage, type ImageConfig } from './oci-image.ts';

export interface BuildOptions {
  /** The build context: sources of COPY are inside. */
  readonly dir: string;
  readonly ref: string;
  /** Default `Dockerfile` in the context. */
  readonly dockerfile?: string;
}

interface Build {
  readonly dir: string;
  readonly config: ImageConfig;
  readonly layers: TarEntry[][];
  readonly env: Map<string, string>;
}

/** The image archive. Throws with the line of an error. */
export function buildFromDirectory({ dir, ref, dockerfile = 'Dockerfile' }: BuildOptions): Buffer {
  const instructions = parseDockerfile(readFileSync(resolve(dir, dockerfile), 'utf8'));
  const build: Build = { dir: resolve(dir), config: {}, layers: [], env: new Map() };
  if (instructions[0]?.name !== 'FROM') throw new Error('a Dockerfile begins with FROM scratch');
  for (const instruction of instructions) {
    try {
      apply(build, instruction);
    } catch (error) {
      throw new Error(`line ${instruction.line}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (build.env.size > 0) build.config.Env = [...build.env].map(([name, value]) => `${name}=${value}`);
  return buildImage({ ref, layers: build.layers, config: build.config });
}

function apply(build: Build, { name, rest }: Instruction): void {
  const { config, env } = build;
  if (name === 'FROM' && rest.toLowerCase() !== 'scratch') {
    throw new Error('only FROM scratch is supported: there is no registry to take other images from');
  }
  if (name === 'COPY' || name === 'ADD') build.layers.push(copyLayer(build, rest));
  if (name === 'ENV') for (const [key, value] of pairsOf(rest)) env.set(key, expanded(build, value));
  if (name === 'CMD') config.Cmd = commandOf(rest);
  if (name === 'ENTRYPOINT') config.Entrypoint = commandOf(rest);
  if (name === 'WORKDIR') config.WorkingDir = posix.resolve(config.WorkingDir ?? '/', expanded(build, rest));
  if (name === 'USER') config.User = expanded(build, rest);
  if (name === 'STOPSIGNAL') config.StopSignal = rest;
  if (name === 'LABEL') config.Labels = { ...config.Labels, ...Object.fromEntries(pairsOf(rest)) };
  if (name === 'EXPOSE') {
    const ports = wordsOf(rest).map((port) => [port.includes('/') ? port : `${port}/tcp`, {}]);
    config.ExposedPorts = { ...config.ExposedPorts, ...Object.fromEntries(ports) };
  }
}

function expanded({ env }: Build, text: string): string {
  return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, a, b) => env.get(a ?? b) ?? '');
}

interface CopyFlags {
  mode: number | undefined;
  uid: number;
  gid: number;
}

function copyLayer(build: Build, rest: string): TarEntry[] {
  const words = wordsOf(expanded(build, rest));
  const flags: CopyFlags = { mode: undefined, uid: 0, gid: 0 };
  while (words[0]?.startsWith('--')) applyFlag(flags, words.shift()!);
  const target = words.pop();
  if (!target || words.length === 0) throw new Error('COPY needs sources and a target');
  const into = posix.resolve(build.config.WorkingDir ?? '/', target);
  const sources = words.flatMap((pattern) => sourcesOf(build.dir, pattern));
  const isFolder = target.endsWith('/') || target === '.' || sources.length > 1;
  const entries = new Map<string, TarEntry>();
  for (const source of sources) addSource(entries, source, into, isFolder, flags);
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
