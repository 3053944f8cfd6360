/** Starts a program from this process and waits for its end. */

import { spawn } from 'node:child_process';
import { OneATurn } from './one-a-turn.ts';
import { withUsualPriority } from './priority.ts';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** Written to its standard input. */
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Time after which it is killed. Default 60 s. */
  readonly timeoutMs?: number;
  /** Receives standard output as it arrives; the result then has none. */
  readonly onStdout?: (chunk: Buffer) => void;
}

/**
 * A start holds the thread for milliseconds, since the kernel copies this process's page tables, and a hundred
 * pods want their mounts at the same moment.
 */
const starts = new OneATurn();
const recentMs = 30_000;
let lastStart = { atMs: Number.NEGATIVE_INFINITY, heldMs: 0 };

/**
 * For how long the last start held this thread; 0 if that was long ago. The time grows with the memory of this process
 * and with the load of the machine.
 */
export function recentStartHeldMs(): number {
  return performance.now() - lastStart.atMs < recentMs ? lastStart.heldMs : 0;
}

/** Rejects only when the program cannot be started. */
export function runProgram(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    starts.run(() => {
      try {
        start(program, args, options, resolve, reject);
      } catch (error) {
        reject(error);
      }
    });
  });
}

function start(
  program: string,
  args: readonly string[],
  options: CommandOptions,
  resolve: (result: CommandResult) => void,
  reject: (error: unknown) => void,
): void {
  const atMs = performance.now();
  const child = withUsualPriority(() =>
    spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: options.timeoutMs ?? 60_000,
      killSignal: 'SIGKILL',
      ...(options.env ? { env: { ...process.env, ...options.env } } : {}),
      ...(options.cwd ? { cwd: options.cwd } : {}),
    }),
  );
  lastStart = { atMs, heldMs: performance.now() - atMs };
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', options.onStdout ?? ((chunk: Buffer) => out.push(chunk)));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.on('error', reject);
  child.on('close', (code) => {
    resolve({
      code: code ?? 137,
      stdout: Buffer.concat(out).toString(),
      stderr: Buffer.concat(err).toString(),
    });
  });
  // A program that ends without reading its input closes the pipe: its exit code is the better reason.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input);
}
