/**
 * Builds an image from a folder with a Dockerfile, stage by stage. What needs a container or another image is asked
 * of a `BuildMachine`; a Dockerfile `FROM scratch` of files and settings alone needs none.
 */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { posix, resolve } from 'node:path';
import { tar } from '../archives/tar.ts';
import type { BuildMachine, ImageParts, RunStep } from './build-machine.ts';
import { readCopy } from './copy-flags.ts';
import { type CopySource, copyLayer } from './copy-layer.ts';
import {
  commandOf,
  type Instruction,
  jsonStrings,
  pairsOf,
  parseDockerfile,
  type Stage,
  stagesOf,
  wordsOf,
} from './dockerfile.ts';
import { type IgnoreFile, noIgnoreFile, readIgnoreFile } from './ignore-file.ts';
import type { LayerCache } from './layer-cache.ts';
import { type ImageConfig, imageArchive, type Layer, layerOf } from './oci-image.ts';
import { ownerOf } from './owner.ts';

export interface BuildOptions {
  /** The build context: sources of COPY are inside. */
  readonly dir: string;
  readonly ref: string;
  /** Default `Dockerfile`; relative to the context. */
  readonly dockerfile?: string;
  /** The stage that becomes the image; default the last one. */
  readonly target?: string;
  /** Of what commands have made before; without it all run. */
  readonly cache?: LayerCache;
  /** Values of ARGs, over their defaults. */
  readonly args?: Readonly<Record<string, string>>;
  /** Called with each command before it runs, or when what it has made before is taken. */
  readonly onRun?: (command: string, isCached: boolean) => void;
}

interface Build extends BuildOptions {
  readonly machine: BuildMachine;
  readonly ignoreFile: IgnoreFile;
  /** What earlier stages have become, by name and by number. */
  readonly done: Map<string, ImageParts>;
}

/** One stage as it is built. */
interface StageBuild {
  readonly build: Build;
  readonly config: ImageConfig;
  readonly layers: Layer[];
  /** Of ENV, over what the base has. */
  readonly env: Map<string, string>;
  readonly args: Map<string, string>;
  shell: readonly string[];
}

const shellDefault = ['/bin/sh', '-c'];

/** The image archive. Throws with the line of an error. */
export async function buildFromDirectory(options: BuildOptions, machine: BuildMachine): Promise<Buffer> {
  const { ref, dockerfile = 'Dockerfile', args = {}, target } = options;
  const dir = resolve(options.dir);
  const { args: globals, stages } = stagesOf(parseDockerfile(readFileSync(resolve(dir, dockerfile), 'utf8')));
  const build: Build = { ...options, dir, machine, ignoreFile: ignoreFileOf(dir), done: new Map() };
  const values = new Map<string, string>();
  for (const { rest } of globals) setArgument(values, rest, args);
  const end = lastStage(stages, target);
  let last: ImageParts = { layers: [], config: {} };
  for (const [index, stage] of stages.slice(0, end + 1).entries()) {
    last = await buildStage(build, stage, values);
    build.done.set(String(index), last);
    if (stage.name) build.done.set(stage.name, last);
  }
  return imageArchive(ref, last.layers, last.config);
}

function lastStage(stages: readonly Stage[], target: string | undefined): number {
  if (target === undefined) return stages.length - 1;
  const found = stages.findIndex(({ name }, index) => [name, String(index)].includes(target.toLowerCase()));
  return found < 0 ? refuse(`there is no stage ${JSON.stringify(target)}`) : found;
}

function ignoreFileOf(dir: string): IgnoreFile {
  const path = resolve(dir, '.dockerignore');
  return existsSync(path) ? readIgnoreFile(readFileSync(path, 'utf8')) : noIgnoreFile;
}

async function buildStage(build: Build, stage: Stage, globals: Map<string, string>): Promise<ImageParts> {
  const base = await atLine(stage.line, () => baseOf(build, filled(stage.base, globals)));
  const built: StageBuild = {
    build,
    config: { ...base.config },
    layers: [...base.layers],
    env: new Map((base.config.Env ?? []).map(pairOf)),
    args: new Map(),
    shell: shellDefault,
  };
  for (const instruction of stage.instructions) {
    await atLine(instruction.line, async () => {
      if (instruction.name === 'ARG') declareArgument(built, instruction.rest, globals);
      else await apply(built, instruction);
    });
  }
  return partsOf(built);
}

async function baseOf({ machine, done }: Build, base: string): Promise<ImageParts> {
  if (base.toLowerCase() === 'scratch') return { layers: [], config: {} };
  return done.get(base.toLowerCase()) ?? machine.image(base);
}

function partsOf({ config, layers, env }: StageBuild): ImageParts {
  const Env = [...env].map(([name, value]) => `${name}=${value}`);
  return { layers, config: Env.length > 0 ? { ...config, Env } : config };
}

async function apply(stage: StageBuild, { name, rest }: Instruction): Promise<void> {
  if (name === 'COPY' || name === 'ADD') stage.layers.push(await copied(stage, name, rest));
  else if (name === 'RUN') stage.layers.push(await run(stage, rest));
  else if (name === 'SHELL') stage.shell = jsonStrings(rest) ?? refuse('SHELL takes a JSON list of words');
  else applySetting(stage, name, rest);
}

async function copied(stage: StageBuild, name: string, rest: string): Promise<Layer> {
  const { build, config, env, args, layers } = stage;
  const { machine, dir, ignoreFile, done } = build;
  const copy = readCopy(name, filled(rest, args, env));
  const source = copy.from && (done.get(copy.from.toLowerCase()) ?? (await machine.image(copy.from)));
  const over = (root?: string) => {
    const target = { workingDir: config.WorkingDir ?? '/', root, ...ownerOf(copy.owner, root) };
    const layerFrom = (from: CopySource) => layerOf(tar(copyLayer(from, copy, target)));
    return source
      ? machine.withFiles(source, (sourceDir) => layerFrom({ dir: sourceDir }))
      : layerFrom({ dir, ignoreFile });
  };
  return layers.length === 0 ? over() : machine.withFiles(partsOf(stage), over);
}

async function run(stage: StageBuild, rest: string): Promise<Layer> {
  const { build, config, args, env, shell } = stage;
  const words = /^--\S+/.exec(rest);
  if (words) refuse(`RUN ${words[0]} is not supported`);
  const image = partsOf(stage);
  const variables = new Map([...args, ...env]);
  const step: RunStep = {
    command: commandOf(rest, shell),
    env: [...variables].map(([name, value]) => `${name}=${value}`),
    workingDir: config.WorkingDir ?? '/',
  };
  const key = keyOf(image, step);
  const cached = await build.cache?.get(key);
  build.onRun?.(rest, cached !== undefined);
  if (cached) return cached;
  const layer = await build.machine.run(image, step);
  await build.cache?.put(key, layer);
  return layer;
}

/** Of all that the command sees, but the network and the time. */
function keyOf({ layers, config }: ImageParts, step: RunStep): string {
  const seen = JSON.stringify([layers.map(({ diffId }) => diffId), config.User ?? '', step]);
  return createHash('sha256').update(seen).digest('hex');
}

function applySetting({ config, env, args, shell }: StageBuild, name: string, rest: string): void {
  const text = () => filled(rest, args, env);
  if (name === 'ENV') for (const [key, value] of pairsOf(rest)) env.set(key, filled(value, args, env));
  if (name === 'CMD') config.Cmd = commandOf(rest, shell);
  if (name === 'ENTRYPOINT') {
    config.Entrypoint = commandOf(rest, shell);
    // Of the base, it was meant for the base's entry point.
    delete config.Cmd;
  }
  if (name === 'WORKDIR') config.WorkingDir = posix.resolve(config.WorkingDir ?? '/', text());
  if (name === 'USER') config.User = text();
  if (name === 'STOPSIGNAL') config.StopSignal = text();
  if (name === 'LABEL') config.Labels = { ...config.Labels, ...Object.fromEntries(pairsOf(text())) };
  if (name === 'EXPOSE') {
    const ports = wordsOf(text()).map((port) => [port.includes('/') ? port : `${port}/tcp`, {}]);
    config.ExposedPorts = { ...config.ExposedPorts, ...Object.fromEntries(ports) };
  }
  if (name === 'VOLUME') {
    const volumes = wordsOf(text()).map((path) => [path, {}]);
    config.Volumes = { ...config.Volumes, ...Object.fromEntries(volumes) };
  }
}

/** An argument that was given before the first FROM keeps its value where a stage names it again. */
function declareArgument({ args, build }: StageBuild, rest: string, globals: Map<string, string>): void {
  const [name] = pairOf(rest);
  const given = globals.get(name);
  if (!rest.includes('=') && given !== undefined) args.set(name, given);
  else setArgument(args, rest, build.args ?? {});
}

function setArgument(
  values: Map<string, string>,
  rest: string,
  given: Readonly<Record<string, string>>,
): void {
  const [name, value] = pairOf(wordsOf(rest)[0] ?? '');
  const set = Object.hasOwn(given, name)
    ? given[name]
    : rest.includes('=')
      ? filled(value, values)
      : undefined;
  if (set !== undefined) values.set(name, set);
}

function pairOf(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** `$A`, `${A}` and `${A:-default}`, from the last map that has them. */
function filled(text: string, ...values: readonly Map<string, string>[]): string {
  return text.replace(/\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))/g, (_, braced, otherwise, bare) => {
    const holder = values.findLast((map) => map.has(braced ?? bare));
    return holder?.get(braced ?? bare) || (otherwise ?? '');
  });
}

async function atLine<T>(line: number, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw new Error(`line ${line}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function refuse(message: string): never {
  throw new Error(message);
}
