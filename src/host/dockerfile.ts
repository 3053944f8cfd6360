/** Reads the part of a Dockerfile that needs nothing to run: no base image, no commands, only files and settings. */

import type { ImageConfig } from './oci-image.ts';

export interface Copy {
  readonly sources: readonly string[];
  readonly target: string;
}

export interface Recipe {
  readonly copies: readonly Copy[];
  readonly config: ImageConfig;
}

interface Draft {
  copies: Copy[];
  config: ImageConfig;
}

type Instruction = (draft: Draft, rest: string) => void;

const instructions: Readonly<Record<string, Instruction>> = {
  FROM(_draft, rest) {
    if (rest !== 'scratch')
      throw new Error(`FROM ${rest}: only FROM scratch can be built without a registry`);
  },
  COPY: (draft, rest) => draft.copies.push(copyOf(rest)),
  ADD: (draft, rest) => draft.copies.push(copyOf(rest)),
  ENV(draft, rest) {
    draft.config.Env = [...(draft.config.Env ?? []), ...pairs(rest).map(([key, value]) => `${key}=${value}`)];
  },
  LABEL(draft, rest) {
    draft.config.Labels = { ...draft.config.Labels, ...Object.fromEntries(pairs(rest)) };
  },
  CMD(draft, rest) {
    draft.config.Cmd = commandOf(rest);
  },
  ENTRYPOINT(draft, rest) {
    draft.config.Entrypoint = commandOf(rest);
  },
  WORKDIR(draft, rest) {
    draft.config.WorkingDir = rest;
  },
  USER(draft, rest) {
    draft.config.User = rest;
  },
  STOPSIGNAL(draft, rest) {
    draft.config.StopSignal = rest;
  },
  EXPOSE(draft, rest) {
    const ports = rest.split(/\s+/).map((port) => [port.includes('/') ? port : `${port}/tcp`, {}]);
    draft.config.ExposedPorts = { ...draft.config.ExposedPorts, ...Object.fromEntries(ports) };
  },
};

/** Throws with the line's number for anything it does not know. */
export function parseDockerfile(text: string): Recipe {
  const draft: Draft = { copies: [], config: {} };
  const lines = text.replace(/\\\r?\n/g, ' ').split(/\r?\n/);
  lines.forEach((line, index) => {
    const match = /^\s*([A-Za-z]+)\s+(.*?)\s*$/.exec(line);
    if (/^\s*(#|$)/.test(line)) return;
    const instruction = instructions[match?.[1]?.toUpperCase() ?? ''];
    if (!match || !instruction) {
      const known = Object.keys(instructions).join(', ');
      throw new Error(
        `Dockerfile line ${index + 1}: "${line.trim()}" cannot be built here; known are ${known}`,
      );
    }
    instruction(draft, match[2] ?? '');
  });
  return draft;
}

function copyOf(rest: string): Copy {
  const words = rest.startsWith('[') ? (JSON.parse(rest) as string[]) : rest.split(/\s+/);
  const target = words.pop();
  if (target === undefined || words.length === 0)
    throw new Error(`COPY ${rest}: needs a source and a target`);
  if (words.some((word) => word.startsWith('--'))) throw new Error(`COPY ${rest}: flags are not supported`);
  return { sources: words, target };
}

/** `["a", "b"]`, or a line for the shell. */
function commandOf(rest: string): string[] {
  return rest.startsWith('[') ? JSON.parse(rest) : ['/bin/sh', '-c', rest];
}

/** `A=1 B="two words"`, or the old `A one`. */
function pairs(rest: string): [string, string][] {
  if (!/^\S+=/.test(rest)) {
    const [key = '', ...words] = rest.split(/\s+/);
    return [[key, words.join(' ')]];
  }
  return [...rest.matchAll(/([^\s=]+)=("(?:[^"\\]|\\.)*"|\S*)/g)].map((match) => {
    const value = match[2] ?? '';
    return [match[1] ?? '', value.startsWith('"') ? JSON.parse(value) : value];
  });
}
