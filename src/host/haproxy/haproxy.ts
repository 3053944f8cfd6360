/**
 * A private HAProxy for each cluster: a process of its own with its configuration below one folder. It is found again
 * after a restart of this process, started again when it dies, and takes a new configuration without closing a listener.
 */

import { mkdirSync, rmSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sleep } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { logFiles } from '../files/log-limit.ts';
import { writeWholeFileLater } from '../files/whole-file.ts';
import { tryCommand } from '../processes/command.ts';
import { processesWithArgument } from '../processes/process-list.ts';
import {
  endDetached,
  endProcess,
  findDetached,
  isStillAlive,
  type ProcessIdentity,
  spawnDetached,
} from '../processes/processes.ts';
import { askHaproxy } from './cli.ts';
import { readMaster } from './master.ts';

export interface HaproxyPlaces {
  /** Configuration, certificates and the log; only root reads them. */
  readonly dataDir: string;
  /** Sockets; short, since the path of a socket is limited to about 100 characters. */
  readonly runDir: string;
}

export interface HaproxyOptions extends HaproxyPlaces {
  readonly env: Env;
}

/** Whole contents of the configuration: `haproxy.cfg` and the files beside it that it names. */
export type ConfigFiles = ReadonlyMap<string, string>;

export const configFile = 'haproxy.cfg';
const watchIntervalMs = 500;
const watchMsMax = 30_000;
const pollMs = 10;
const startTimeoutMs = 10_000;
const checkTimeoutMs = 60_000;
const commandTimeoutMs = 5_000;
const endMs = 2_000;

interface Paths {
  readonly config: string;
  readonly trial: string;
  readonly pidFile: string;
  readonly logFile: string;
  readonly master: string;
  readonly worker: string;
}

function pathsOf({ dataDir, runDir }: HaproxyPlaces): Paths {
  return {
    config: join(dataDir, 'live'),
    trial: join(dataDir, 'trial'),
    pidFile: join(dataDir, 'haproxy.pid'),
    logFile: join(dataDir, 'haproxy.log'),
    master: join(runDir, 'haproxy-master.sock'),
    worker: join(runDir, 'haproxy.sock'),
  };
}

/** The path of the socket that the configuration must open for run-time commands. */
export function haproxySocket(options: HaproxyPlaces): string {
  return pathsOf(options).worker;
}

/** False where the distribution's package is not installed. */
export async function hasHaproxy(): Promise<boolean> {
  const found = await tryCommand('haproxy', ['-v']).catch(() => undefined);
  return found?.code === 0;
}

export class Haproxy {
  readonly #options: HaproxyOptions;
  readonly #paths: Paths;
  #running: ProcessIdentity | undefined;
  #isStopped = false;
  #isStarting = false;
  /** Longer after each start that has failed. */
  #watchMs = watchIntervalMs;

  constructor(options: HaproxyOptions) {
    this.#options = options;
    this.#paths = pathsOf(options);
    this.#running = findDetached(this.#paths.pidFile);
    this.#watch();
  }

  get logFile(): string {
    return this.#paths.logFile;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** What the program finds wrong with a configuration; empty when it would start with it. */
  async check(files: ConfigFiles): Promise<string> {
    await writeFiles(this.#paths.trial, files);
    const { code, stdout, stderr } = await tryCommand('haproxy', ['-c', '-f', configFile], {
      cwd: this.#paths.trial,
      timeoutMs: checkTimeoutMs,
    });
    return code === 0 ? '' : stderr || stdout || `the check ended with ${code}`;
  }

  /** Serves by this checked configuration: starts the process, or has it take over without closing a listener. */
  async apply(files: ConfigFiles): Promise<void> {
    await writeFiles(this.#paths.config, files);
    if (this.#running && (await isStillAlive(this.#running))) return this.#reload();
    try {
      await this.#start();
    } catch (error) {
      // Not started again with this configuration, but with the next.
      this.#running = undefined;
      throw error;
    }
  }

  /**
   * Run-time commands, each a line of the program's manual; returns what the newest worker answers. Workers of earlier
   * configurations get them as well, as far as they fit: they still serve the connections they have.
   */
  async ask(commands: readonly string[]): Promise<string> {
    const [answer] = await Promise.all([
      askHaproxy(this.#paths.worker, commands.join('; '), commandTimeoutMs),
      this.#askOldWorkers(commands).catch(() => undefined),
    ]);
    return answer;
  }

  async #askOldWorkers(commands: readonly string[]): Promise<void> {
    const { oldWorkers } = readMaster(await this.#askMaster('show proc'));
    const asked = oldWorkers.map((pid) => {
      const prefixed = commands.map((text) => `@!${pid} ${text}`);
      return askHaproxy(this.#paths.master, prefixed.join('\n'), commandTimeoutMs);
    });
    await Promise.all(asked);
  }

  /** Ends the process; open connections are closed. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await endDetached(this.#paths.pidFile, endMs);
    this.#running = undefined;
  }

  async #start(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStarting = true;
    mkdirSync(this.#options.runDir, { recursive: true, mode: 0o700 });
    try {
      this.#running = await spawnDetached({
        command: 'haproxy',
        args: [
          '-W',
          '-db',
          '-S',
          `${this.#paths.master},mode,600`,
          '-C',
          this.#paths.config,
          '-f',
          configFile,
        ],
        logFile: this.#paths.logFile,
        pidFile: this.#paths.pidFile,
        onExit: () => void this.#restartIfDead(),
      });
      await this.#serving(0);
    } finally {
      this.#isStarting = false;
    }
  }

  async #reload(): Promise<void> {
    const before = readMaster(await this.#askMaster('show proc'));
    // The master closes the connection when it starts itself again.
    await this.#askMaster('reload');
    await this.#serving(before.reloads + 1);
  }

  /** Resolves when a worker serves by the configuration of that many reloads. */
  async #serving(reloads: number): Promise<void> {
    const { clock } = this.#options.env;
    const until = clock.monotonicMs() + startTimeoutMs;
    while (clock.monotonicMs() < until) {
      const master = await this.#askMaster('show proc').then(readMaster, () => undefined);
      if (master && master.failures > 0) {
        throw new Error(`HAProxy kept its earlier configuration; see ${this.logFile}`);
      }
      if (master && master.reloads >= reloads && master.hasNewWorker) return;
      if (this.#running && !(await isStillAlive(this.#running))) break;
      await sleep(clock, pollMs);
    }
    throw new Error(`HAProxy does not start; see ${this.logFile}`);
  }

  #askMaster(command: string): Promise<string> {
    return askHaproxy(this.#paths.master, command, commandTimeoutMs);
  }

  /** One that an earlier process has started is not our child: its end is found by looking. */
  #watch(): void {
    this.#options.env.clock.after(this.#watchMs, async () => {
      await this.#restartIfDead();
      if (!this.#isStopped) this.#watch();
    });
  }

  async #restartIfDead(): Promise<void> {
    if (this.#isStopped || this.#isStarting || !this.#running) return;
    if (await isStillAlive(this.#running)) return;
    this.#options.env.log.warn('the Ingress proxy has ended and is started again');
    try {
      await this.#start();
      this.#watchMs = watchIntervalMs;
    } catch (error) {
      this.#watchMs = Math.min(this.#watchMs * 2, watchMsMax);
      this.#options.env.log.error('the Ingress proxy does not start', { error: String(error) });
    }
  }
}

/** Ends the process of a cluster whose own process may be gone, and removes its files. */
export async function deleteHaproxy(options: HaproxyPlaces): Promise<void> {
  await endHaproxy(options);
  rmSync(options.dataDir, { recursive: true, force: true });
  for (const path of logFiles(pathsOf(options).logFile)) rmSync(path, { force: true });
}

/** Ends the process of a cluster whose own process may be gone. */
export async function endHaproxy(options: HaproxyPlaces): Promise<void> {
  const paths = pathsOf(options);
  await endDetached(paths.pidFile, endMs);
  // One whose starter was killed before it recorded the process, and workers whose master was.
  for (const { identity } of processesWithArgument('haproxy', paths.config)) {
    await endProcess(identity, endMs);
  }
}

async function writeFiles(dir: string, files: ConfigFiles): Promise<void> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  for (const [name, text] of files) await writeWholeFileLater(join(dir, name), text);
  for (const name of await readdir(dir)) {
    if (!files.has(name)) await rm(join(dir, name), { force: true });
  }
}
