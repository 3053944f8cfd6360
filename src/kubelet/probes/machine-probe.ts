/** Runs one probe against a real container: a command in it, or a knock at one of its ports. */

import { sleep } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { textOfBytes } from '#base/text/text-of-bytes.ts';
import { httpGet, tcpConnect } from '#host/network/probe-sockets.ts';
import { expand } from '../config/expansion.ts';
import { portNumber } from '../pod/container-port.ts';
import { httpRequest } from '../pod/http-action.ts';
import { type Runtime, RuntimeError } from '../runtime/runtime.ts';
import { grpcHealth } from './grpc-health.ts';
import type { ProbeOutcome, ProbeTarget, RunProbe } from './prober.ts';

const outputBytesMax = 10 * 1024;

export function machineProbe(env: Env, runtime: Runtime): RunProbe {
  return async (target) => {
    const timeoutSeconds = target.probe.timeoutSeconds ?? 1;
    if (target.probe.exec) return execProbe(env, runtime, target, timeoutSeconds);
    if (target.probe.httpGet) return httpProbe(target, timeoutSeconds * 1000);
    if (target.probe.tcpSocket) return tcpProbe(target, timeoutSeconds * 1000);
    if (target.probe.grpc) return grpcProbe(target, timeoutSeconds);
    throw new Error(`missing probe handler for ${target.pod.metadata.name}`);
  };
}

async function execProbe(
  env: Env,
  runtime: Runtime,
  target: ProbeTarget,
  timeoutSeconds: number,
): Promise<ProbeOutcome> {
  const command = commandOf(target);
  const over = new AbortController();
  try {
    const result = await Promise.race([
      runtime.execSync(target.containerId, command, timeoutSeconds),
      sleep(env.clock, timeoutSeconds * 1000 + 500, over.signal).then(() => undefined),
    ]);
    if (!result) return { verdict: 'failure', output: timeoutText(command, timeoutSeconds) };
    const output = textOfBytes(Buffer.concat([result.stdout, result.stderr]).subarray(0, outputBytesMax));
    return { verdict: result.exitCode === 0 ? 'success' : 'failure', output };
  } catch (error) {
    if (error instanceof RuntimeError && error.code === 'DeadlineExceeded') {
      return { verdict: 'failure', output: timeoutText(command, timeoutSeconds) };
    }
    throw error;
  } finally {
    over.abort();
  }
}

/**
 * Its variables are those with a plain value, as they are written: upstream resolves no others for a probe.
 */
function commandOf({ container, probe }: ProbeTarget): string[] {
  const variables = new Map((container.env ?? []).map(({ name, value = '' }) => [name, value]));
  return (probe.exec!.command ?? []).map((word) => expand(word, (name) => variables.get(name)));
}

function timeoutText(command: string[], timeoutSeconds: number): string {
  return `command timed out: "${command.join(' ')}" timed out after ${timeoutSeconds}s`;
}

async function httpProbe({ container, probe, ip }: ProbeTarget, timeoutMs: number): Promise<ProbeOutcome> {
  const request = httpRequest(container, probe.httpGet!, ip, timeoutMs);
  try {
    const { status, body } = await httpGet(request);
    if (status >= 300 && status < 400) {
      const warning = `Probe terminated redirects, Response body: ${body}`;
      return { verdict: 'success', output: '', warning };
    }
    if (status >= 200 && status < 300) return { verdict: 'success', output: body };
    return { verdict: 'failure', output: `HTTP probe failed with statuscode: ${status}` };
  } catch (error) {
    return { verdict: 'failure', output: (error as Error).message };
  }
}

async function tcpProbe({ container, probe, ip }: ProbeTarget, timeoutMs: number): Promise<ProbeOutcome> {
  const { host, port } = probe.tcpSocket!;
  try {
    await tcpConnect(host || ip, portNumber(container, port), timeoutMs);
    return { verdict: 'success', output: '' };
  } catch (error) {
    return { verdict: 'failure', output: (error as Error).message };
  }
}

function grpcProbe({ probe, ip }: ProbeTarget, timeoutSeconds: number): Promise<ProbeOutcome> {
  const { port, service = '' } = probe.grpc!;
  return grpcHealth(`${ip}:${port}`, service, timeoutSeconds);
}
