/**
 * Starts programs from a small process of its own. For each start the kernel copies the page tables of the
 * starting process, which waits until the program has begun: with the memory of a cluster that takes 5 to 40 ms
 * of the main thread, and a hundred pods want hundreds of mounts. The process is started by the first program
 * and ends after an idle time.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { withUsualPriority } from './priority.ts';
import type { CommandOptions, CommandResult } from './run-program.ts';

const idleMs = 30_000;

export interface LaunchOrder {
  readonly id: number;
  readonly program: string;
  readonly args: readonly string[];
  readonly options: CommandOptions;
}

export interface LaunchReport {
  readonly id: number;
  readonly result?: CommandResult;
  /** The program could not be started. */
  readonly error?: { readonly message: string; readonly code: string | undefined };
}

interface Pending {
  readonly resolve: (result: CommandResult) => void;
  readonly reject: (error: Error) => void;
}

/** What Node sets for a channel to a parent; left from another channel, the two ends would not understand each other. */
const channelVariables = ['NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE'];

function withoutChannel(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !channelVariables.includes(name)));
}

export class Launcher {
  readonly #pending = new Map<number, Pending>();
  #process: ChildProcess | undefined;
  #idle: NodeJS.Timeout | undefined;
  #lastId = 0;

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  run(program: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
    return new Promise((resolve, reject) => {
      const process = this.#started();
      const id = ++this.#lastId;
      this.#pending.set(id, { resolve, reject });
      this.#keepAlive(process);
      process.send({ id, program, args, options } satisfies LaunchOrder, (error) => {
        if (error) this.#end(process, error);
      });
    });
  }

  #started(): ChildProcess {
    if (this.#process) return this.#process;
    const file = new URL(`./launcher-process${extname(import.meta.url)}`, import.meta.url);
    const started = withUsualPriority(() =>
      fork(file, {
        serialization: 'advanced',
        env: withoutChannel(process.env),
        execArgv: ['--disable-warning=ExperimentalWarning'],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      }),
    );
    started.on('message', (report) => this.#done(started, report as LaunchReport));
    started.on('error', (error) => this.#end(started, error));
    started.on('exit', () => this.#end(started, new Error('the process that starts programs has ended')));
    this.#process = started;
    return started;
  }

  #done(process: ChildProcess, { id, result, error }: LaunchReport): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#rest(process);
    if (result) pending?.resolve(result);
    else pending?.reject(Object.assign(new Error(error?.message), { code: error?.code }));
  }

  /** This process may not end meanwhile. */
  #keepAlive(process: ChildProcess): void {
    clearTimeout(this.#idle);
    process.ref();
    process.channel?.ref();
  }

  #rest(process: ChildProcess): void {
    process.unref();
    process.channel?.unref();
    this.#idle = setTimeout(() => this.#end(process), idleMs).unref();
  }

  /** A process ends with its channel. */
  #end(process: ChildProcess, error?: Error): void {
    if (this.#process !== process) return;
    this.#process = undefined;
    clearTimeout(this.#idle);
    if (process.connected) process.disconnect();
    for (const { reject } of this.#pending.values()) reject(error ?? new Error('the launcher has ended'));
    this.#pending.clear();
  }
}
