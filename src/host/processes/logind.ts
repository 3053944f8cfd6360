/**
 * The part of systemd's login manager that a node needs to end its pods before the machine goes down, by systemd's own
 * programs: a lock that delays the shutdown, and the signal that announces it. Both end with this process.
 */

import { type ChildProcess, spawn } from 'node:child_process';

const manager = 'org.freedesktop.login1.Manager';
const member = 'PrepareForShutdown';
const match = `type='signal',interface='${manager}',member='${member}'`;
/** Ends the program "$@" when the input of the shell does, and ends with it. */
const tied = 'exec 3<&0; "$@" & child=$!; (cat <&3 > /dev/null; kill $child) & wait $child';

export interface ShutdownSignals {
  /** `isShuttingDown` is false when an announced shutdown was cancelled. */
  onSignal(isShuttingDown: boolean): void;
  /** No further signals come: the bus does not run, or its connection has ended. */
  onEnd(): void;
}

/** Returns the function that ends it, without `onEnd`. */
export function followShutdown(
  { onSignal, onEnd }: ShutdownSignals,
  env: NodeJS.ProcessEnv = process.env,
): () => void {
  const args = ['monitor', '--json=short', `--match=${match}`];
  const child = spawn('sh', ['-c', tied, 'sh', 'busctl', ...args], {
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      const value = shutdownOf(line);
      if (value !== undefined) onSignal(value);
    }
  });
  return endOf(child, onEnd);
}

/**
 * Delays a shutdown of the machine as long as logind allows. `onEnd` when there is no lock any more, or none could be
 * had. Returns the function that gives it up, without `onEnd`.
 */
export function delayShutdown(onEnd: () => void, env: NodeJS.ProcessEnv = process.env): () => void {
  const why = '--why=Kubelet needs time to handle node shutdown';
  const lock = ['--what=shutdown', '--mode=delay', '--who=kubelet', why];
  const child = spawn('systemd-inhibit', [...lock, 'cat'], { env, stdio: ['pipe', 'ignore', 'ignore'] });
  return endOf(child, onEnd);
}

function endOf(child: ChildProcess, onEnd: () => void): () => void {
  let isOver = false;
  const end = () => {
    if (isOver) return;
    isOver = true;
    child.stdin?.destroy();
    onEnd();
  };
  child.on('error', end);
  child.on('exit', end);
  child.stdin?.on('error', () => undefined);
  child.unref();
  return () => {
    isOver = true;
    child.stdin?.destroy();
  };
}

/** Of a line of `busctl monitor`; undefined for any other message. */
function shutdownOf(line: string): boolean | undefined {
  try {
    const message = JSON.parse(line) as { member?: string; payload?: { data?: unknown[] } };
    const value = message.member === member ? message.payload?.data?.[0] : undefined;
    return typeof value === 'boolean' ? value : undefined;
  } catch {
    return undefined;
  }
}
