/** Runs what a container wants done right after its start and right before its end. */

import type { LifecycleHandler } from '#api/generated/types.gen.ts';
import type { AnyContainer } from '#api/pods/containers.ts';
import { sleep } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import { textOfBytes } from '#base/text/text-of-bytes.ts';
import { httpGet } from '#host/network/probe-sockets.ts';
import { httpRequest } from '../pod/http-action.ts';
import { type NodePod, podText } from '../pod/pod.ts';
import type { Runtime } from '../runtime/runtime.ts';

export interface HookRunner {
  /** Rejects with what went wrong, in upstream's words. */
  run(pod: NodePod, container: AnyContainer, id: string, ip: string, hook: LifecycleHandler): Promise<void>;
}

const hookTimeoutMs = 30_000;

export function hookRunner(env: Env, runtime: Runtime): HookRunner {
  return {
    async run(pod, container, id, ip, hook) {
      if (hook.exec) await runExec(runtime, pod, container, id, hook.exec.command ?? []);
      else if (hook.sleep) await sleep(env.clock, hook.sleep.seconds * 1000);
      else if (hook.httpGet) {
        const request = httpRequest(container, hook.httpGet, ip, hookTimeoutMs);
        await httpGet(request).catch((error: unknown) => {
          const what = `HTTP lifecycle hook (${hook.httpGet?.path ?? '/'})`;
          throw new Error(`${what} ${whose(pod, container)} - error: ${errorText(error)}`);
        });
        // As upstream, which never ran hooks of the kind that the API still takes: tcpSocket.
      } else throw new Error(`invalid handler: ${Object.keys(hook).join()}`);
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
  const fail = (error: string, output: string) => {
    const what = `Exec lifecycle hook ([${command.join(' ')}]) ${whose(pod, container)}`;
    return new Error(`${what} - error: ${error}, message: ${JSON.stringify(output)}`);
  };
  const result = await runtime.execSync(id, command, 0).catch((error: unknown) => {
    throw fail(errorText(error), '');
  });
  if (result.exitCode === 0) return;
  const output = textOfBytes(Buffer.concat([result.stdout, result.stderr]));
  throw fail(`command '${command.join(' ')}' exited with ${result.exitCode}: ${output}`, output);
}

function whose(pod: NodePod, container: AnyContainer): string {
  return `for Container "${container.name}" in Pod "${podText(pod)}" failed`;
}
