/** Runs what a container wants done right after its start and right before its end. */

import type { LifecycleHandler } from '#api/types.gen.ts';
import { sleep } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { type AnyContainer, type NodePod, podText } from './pod.ts';
import { portNumber } from './ports.ts';
import type { Runtime } from './runtime.ts';

export interface HookRunner {
  /** Rejects with what went wrong, in upstream's words. */
  run(pod: NodePod, container: AnyContainer, id: string, ip: string, hook: LifecycleHandler): Promise<void>;
}

export interface HttpGet {
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly headers: readonly { name: string; value: string }[];
  readonly timeoutMs: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

const hookTimeoutMs = 30_000;

export function hookRunner(
  env: Env,
  runtime: Runtime,
  httpGet: (get: HttpGet) => Promise<HttpAnswer>,
): HookRunner {
  return {
    async run(pod, container, id, ip, hook) {
      if (hook.exec) await runExec(runtime, pod, container, id, hook.exec.command ?? []);
      else if (hook.sleep) await sleep(env.clock, hook.sleep.seconds * 1000);
      else if (hook.httpGet) {
        const { scheme = 'HTTP', host, port, path = '/', httpHeaders = [] } = hook.httpGet;
        const request = {
          scheme: scheme.toLowerCase(),
          host: host || ip,
          port: portNumber(container, port),
          path: path.startsWith('/') ? path : `/${path}`,
          headers: httpHeaders,
          timeoutMs: hookTimeoutMs,
        };
        await httpGet(request).catch((error: Error) => {
          throw new Error(`HTTP lifecycle hook (${path}) ${whose(pod, container)} - error: ${error.message}`);
        });
      }
    },
  };
}

async function runExec(
  runtime: Runtime,
  pod: NodePod,
  container: AnyContainer,
  id: string,
  command: string[],
): Promise<void> {
  const result = await runtime.execSync(id, command, 0);
  if (result.exitCode === 0) return;
  const output = Buffer.concat([result.stdout, result.stderr]).toString();
  const error = `command '${command.join(' ')}' exited with ${result.exitCode}: ${output}`;
  throw new Error(
    `Exec lifecycle hook ([${command.join(' ')}]) ${whose(pod, container)} - error: ${error}, message: ${JSON.stringify(output)}`,
  );
}

function whose(pod: NodePod, container: AnyContainer): string {
  return `for Container "${container.name}" in Pod "${podText(pod)}" failed`;
}
