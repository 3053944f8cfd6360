/** Runs a command of kybern in this process, as `main.ts` would: what it prints, warns of and fails with. */

import { mkdirSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { Command, CommanderError } from 'commander';
import type { CliCommand, CliContext } from '#cli/shared/command.ts';
import { problemOf } from '#cli/shared/problem.ts';
import { type ClusterConfig, clusterPaths, writeConfig } from '#host/home/cluster-home.ts';

export interface CommandOutcome {
  /** What it printed, call by call. */
  readonly printed: readonly string[];
  readonly warned: readonly string[];
  /** `message (hint)` of the problem, or the words of the flag parser; undefined when it succeeded. */
  readonly failure: string | undefined;
}

export async function runCommand(
  command: CliCommand,
  words: string,
  changes: Partial<CliContext> = {},
): Promise<CommandOutcome> {
  const printed: string[] = [];
  const warned: string[] = [];
  const program = new Command('kybern').exitOverride().configureOutput({ writeErr() {} });
  const context: CliContext = {
    program: '/nowhere/main.ts',
    runCluster: () => Promise.reject(new Error('no cluster runs in this test')),
    runAgent: () => Promise.reject(new Error('no node runs in this test')),
    output: new PassThrough(),
    print: (text) => void printed.push(text),
    warn: (text) => void warned.push(text),
    ...changes,
  };
  command.register(program, context);
  try {
    await program.parseAsync(words.split(' '), { from: 'user' });
  } catch (error) {
    return { printed, warned, failure: failureOf(error) };
  }
  return { printed, warned, failure: undefined };
}

function failureOf(error: unknown): string {
  if (error instanceof CommanderError) return error.message;
  const { message, hint } = problemOf(error);
  return `${message} (${hint})`;
}

/** Writes the config of a stopped cluster that has no real node. */
export function keepCluster(name: string, changes: Partial<ClusterConfig> = {}): void {
  const paths = clusterPaths(name);
  mkdirSync(paths.dir, { recursive: true });
  writeConfig(paths, {
    name,
    store: 'sqlite',
    host: '127.0.0.1',
    port: 7000,
    podRange: '10.244.0.0/16',
    serviceRange: '10.96.0.0/16',
    realNodes: 0,
    simulatedNodes: 0,
    ...changes,
  });
}
