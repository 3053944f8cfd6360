/**
 * A run of the conformance behaviours that is interrupted leaves nothing of its cluster, whenever that
 * happens.
 */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventually, repository } from '../../support/cluster.ts';

for (const [signal, when, reached] of [
  ['SIGTERM', 'its cluster is about to start', /^starting a cluster$/m],
  ['SIGHUP', 'its cluster starts', /\bclusters\/conformance\/state\.json$/m],
  ['SIGINT', 'behaviours run', /^1\/\d+ ok /m],
] as const) {
  test(`a conformance run – interrupted by ${signal} while ${when} – leaves no cluster`, async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'kybern-interrupted-'));
    t.after(() => rmSync(dir, { recursive: true }));
    const run = startRun(t, dir);
    const output = await outputUntil(run, dir, reached);
    const exit = once(run, 'exit');
    run.kill(signal);
    assert.deepEqual(await exit, [128 + constants.signals[signal], null]);
    assert.match(output(), new RegExp(`^${signal}: deleting what was started$`, 'm'));
    assert.deepEqual(readdirSync(dir), []);
    await eventually('no process is left', () => assert.deepEqual(processesIn(dir), []) ?? true);
  });
}

/** With all that it makes below `dir`. */
function startRun(t: TestContext, dir: string): ChildProcess {
  const args = ['tools/run', 'test/conformance/main.ts', '--simulated', '--area', 'apimachinery/watch'];
  const env = { ...process.env, TMPDIR: dir };
  const run = spawn('sh', args, { cwd: repository, env, stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => run.kill('SIGKILL'));
  return run;
}

/** Returns when the output, or a file's path, is the one; it returns the whole output. */
async function outputUntil(run: ChildProcess, dir: string, reached: RegExp): Promise<() => string> {
  let output = '';
  for (const stream of [run.stdout, run.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk;
    });
  }
  await eventually('the run gets there', () => {
    if (run.exitCode !== null) throw new Error(`it ended: ${output}`);
    const files = readdirSync(dir, { recursive: true }).join('\n');
    return reached.test(`${output}\n${files}`);
  });
  return () => output;
}

function processesIn(dir: string): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        const isOurs = readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`=${dir}`);
        return isOurs ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')] : [];
      } catch {
        // It has ended.
        return [];
      }
    });
}
