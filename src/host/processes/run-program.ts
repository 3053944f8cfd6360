/** Starts a program from this process and waits for its end. */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
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
  /** Time after which it is killed, with the programs that it has started. Default 60 s. */
  readonly timeoutMs?: number;
  /** What it may write to standard output and standard error before it is killed. Default 64 MiB. */
  readonly outputBytesMax?: number;
  /** Receives standard output as it arrives, however much it is; the result then has none. */
  readonly onStdout?: (chunk: Buffer) => void;
}

/**
 * A start holds the thread for milliseconds, since the kernel copies this process's page tables, and a hundred
 * pods want their mounts at the same moment.
 */
const starts = new OneATurn();
const recentMs = 30_000;
const usualTimeoutMs = 60_000;
const outputBytesMax = 64 * 1024 * 1024;
/** For which a child of the program may keep the output open when the program itself has ended. */
const drainMaxMs = 10_000;
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
      // A group of its own, which is killed with it.
      detached: true,
      ...(options.env ? { env: { ...process.env, ...options.env } } : {}),
      ...(options.cwd ? { cwd: options.cwd } : {}),
    }),
  );
  lastStart = { atMs, heldMs: performance.now() - atMs };
  const timer = setTimeout(() => killGroup(child), options.timeoutMs ?? usualTimeoutMs);
  const kept = keepOutput(child, options);
  child.on('error', (error) => {
    clearTimeout(timer);
    reject(error);
  });
  child.on('exit', () => clearTimeout(timer));
  child.on('close', (code) => resolve({ code: code ?? 137, ...kept() }));
  endOutput(child);
  // A program that ends without reading its input closes the pipe: its exit code is the better reason.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input);
}

/** With the programs that it has started, which would keep its output open; those that have left its group stay. */
function killGroup({ pid }: ChildProcessWithoutNullStreams): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** Returns what the program has written so far. One that writes too much is killed, and the end of its output says so. */
function keepOutput(
  child: ChildProcessWithoutNullStreams,
  { onStdout, outputBytesMax: bytesMax = outputBytesMax }: CommandOptions,
): () => Pick<CommandResult, 'stdout' | 'stderr'> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  let bytes = 0;
  const keep = (chunks: Buffer[]) => (chunk: Buffer) => {
    if (bytes > bytesMax) return;
    bytes += chunk.length;
    if (bytes <= bytesMax) {
      chunks.push(chunk);
      return;
    }
    err.push(Buffer.from(`it was killed: it wrote more than ${bytesMax} bytes`));
    killGroup(child);
  };
  child.stdout.on('data', onStdout ?? keep(out));
  child.stderr.on('data', keep(err));
  return () => ({ stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
}

/** What a program leaves behind may hold the ends of its pipes for as long as it likes. */
function endOutput(child: ChildProcessWithoutNullStreams): void {
  child.on('exit', () => {
    const timer = setTimeout(() => {
      child.stdout.destroy();
      child.stderr.destroy();
    }, drainMaxMs);
    child.on('close', () => clearTimeout(timer));
  });
}
