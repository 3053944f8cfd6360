/**
 * A real cluster for a test file: its own home, its own kubeconfig, its own name; gone when the test ends.
 */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { noteCluster, noteProgram, unlessInterrupted } from './interruption.ts';
import { kubectlProgram } from './kubectl-versions.ts';

export const repository = join(import.meta.dirname, '..', '..');
const program = join(repository, 'bin', 'kybern');

export interface TestCluster {
  readonly name: string;
  readonly home: string;
  readonly kubeconfig: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A place for a cluster; nothing is started. `dispose` deletes the cluster and the place. */
export function newCluster(name = 'test'): TestCluster & { dispose(): Promise<void> } {
  const home = mkdtempSync(join(tmpdir(), 'kybern-test-'));
  const kubeconfig = join(home, 'kubeconfig');
  const env = { ...process.env, KYBERN_HOME: home, KUBECONFIG: kubeconfig };
  const cluster = { name, home, kubeconfig, env };
  return noteCluster({
    ...cluster,
    async dispose() {
      // A test may have deleted the cluster itself; anything else that fails here has left something behind.
      const { code, stderr } = await runAlways(program, ['delete', '--name', name], env);
      if (code !== 0 && !/there is no cluster/.test(stderr)) {
        throw new Error(`the cluster could not be deleted: ${stderr}`);
      }
      rmSync(home, { recursive: true, force: true });
    },
  });
}

/** Starts a cluster and waits until it is ready; `--port 0` unless flags say otherwise. */
export async function startTestCluster(flags: readonly string[] = [], name = 'test') {
  const cluster = newCluster(name);
  try {
    await kybern(cluster, ['up', '--name', name, '--port', '0', ...flags]);
  } catch (error) {
    await cluster.dispose();
    throw error;
  }
  return cluster;
}

/** kybern's own command line; throws with what it printed when it fails. */
export async function kybern(cluster: TestCluster, args: readonly string[]): Promise<string> {
  return succeed('kybern', args, await runProgram(program, args, cluster.env));
}

export function tryKybern(cluster: TestCluster, args: readonly string[]): Promise<Output> {
  return runProgram(program, args, cluster.env);
}

/** Stock kubectl on this cluster; throws with what it printed when it fails. */
export async function kubectl(
  cluster: TestCluster,
  args: readonly string[],
  input?: string,
): Promise<string> {
  return succeed('kubectl', args, await tryKubectl(cluster, args, input));
}

export function tryKubectl(
  cluster: Pick<TestCluster, 'env'>,
  args: readonly string[],
  input?: string,
  program = kubectlProgram(),
): Promise<Output> {
  return runProgram(program, args, cluster.env, input);
}

/** kubectl left running: `logs -f`, `port-forward`, `get -w`. The caller ends it. */
export function spawnKubectl(cluster: TestCluster, args: readonly string[]): ChildProcess {
  return noteProgram(spawn(kubectlProgram(), args, { env: cluster.env, stdio: 'pipe' }));
}

/** Tries `check` until it neither throws nor returns false; fails with its last word after `timeoutMs`. */
export async function eventually<T>(
  what: string,
  check: () => Promise<T> | T,
  timeoutMs = 60_000,
): Promise<T> {
  const until = performance.now() + timeoutMs;
  let last: unknown = 'it stayed false';
  while (performance.now() < until) {
    try {
      const value = await check();
      if (value !== false) return value;
    } catch (error) {
      last = error;
    }
    await wait(100);
  }
  throw new Error(
    `${what} did not come about in ${timeoutMs} ms: ${last instanceof Error ? last.message : last}`,
  );
}

/** A program run to its end, which an interruption of the tests ends too. */
export async function runProgram(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  input?: string,
): Promise<Output> {
  await unlessInterrupted();
  const output = await runAlways(command, args, env, input);
  await unlessInterrupted();
  return output;
}

/** Also when the tests have been interrupted. */
function runAlways(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  input?: string,
): Promise<Output> {
  return new Promise((resolve) => {
    const child = execFile(
      command,
      args,
      { env, maxBuffer: 1 << 28, timeout: 300_000 },
      (error, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
        resolve({ code, stdout, stderr });
      },
    );
    noteProgram(child).stdin?.end(input);
  });
}

function succeed(what: string, args: readonly string[], output: Output): string {
  if (output.code === 0) return output.stdout;
  throw new Error(`${what} ${args.join(' ')} ended with ${output.code}: ${output.stderr || output.stdout}`);
}
