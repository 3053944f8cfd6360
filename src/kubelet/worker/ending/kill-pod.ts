/**
 * Ends containers gently: preStop first, then, when its turn has come, the stop signal, then the kernel's,
 * all within the grace period.
 */

import { type AnyContainer, findContainer, isSidecar } from '#api/pods/containers.ts';
import { sleep } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import { initContainers, type NodePod, podReference } from '../../pod/pod.ts';
import { type PodView, podIps } from '../../runtime/pod-view.ts';
import { type Runtime, RuntimeError } from '../../runtime/runtime.ts';
import type { HookRunner } from '../hooks.ts';

/** What ending containers takes. */
export interface KillParts {
  readonly env: Env;
  readonly runtime: Runtime;
  readonly events: EventRecorder;
  readonly hooks: HookRunner;
  /**
   * Resolves when services no longer send new traffic to this address, or soon after that it is no use to
   * wait.
   */
  untilDrained(podIp: string): Promise<void>;
}

export interface KillInput {
  readonly pod: NodePod;
  readonly container: AnyContainer | undefined;
  readonly id: string;
  readonly ip: string;
  /** The event's message; by default that the container is stopped. */
  readonly message?: string;
  readonly graceSeconds?: number;
  /** What has to end before it: its preStop hook does not wait for that, its stop signal does. */
  readonly after?: Promise<unknown>;
}

/** Even without any grace a container gets this long to end by itself. */
const graceMinSeconds = 2;

export async function killContainer(parts: KillParts, input: KillInput): Promise<void> {
  const { pod, container, id, ip } = input;
  const graceSeconds = input.graceSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
  const startMs = parts.env.clock.monotonicMs();
  if (container) {
    const message = input.message ?? `Stopping container ${container.name}`;
    parts.events.event(podReference(pod, container.name), 'Normal', 'Killing', message);
    if (container.lifecycle?.preStop && graceSeconds > 0) {
      await runPreStop(parts, { pod, container, id, ip }, graceSeconds * 1000);
    }
  }
  // Stricter than upstream, where the signal races with the proxies: a deleted pod first gets no new
  // connections.
  if (pod.metadata.deletionTimestamp && graceSeconds > 0 && ip) await parts.untilDrained(ip);
  const usedMs = () => parts.env.clock.monotonicMs() - startMs;
  if (input.after) await within(parts, input.after, graceSeconds * 1000 - usedMs());
  const usedSeconds = Math.floor(usedMs() / 1000);
  const timeoutSeconds = Math.max(graceSeconds - usedSeconds, graceMinSeconds);
  await unlessGone(parts.runtime.stopContainer(id, timeoutSeconds));
}

/** Waits for `work`, however it ends, but no longer than `limitMs`. */
async function within({ env }: KillParts, work: Promise<unknown>, limitMs: number): Promise<void> {
  const enough = new AbortController();
  const quiet = () => undefined;
  await Promise.race([work.catch(quiet), sleep(env.clock, Math.max(limitMs, 0), enough.signal).catch(quiet)]);
  enough.abort();
}

async function unlessGone(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof RuntimeError && error.code === 'NotFound')) throw error;
  }
}

async function runPreStop(
  parts: KillParts,
  input: { pod: NodePod; container: AnyContainer; id: string; ip: string },
  graceMs: number,
): Promise<void> {
  const { pod, container, id, ip } = input;
  const hook = parts.hooks.run(pod, container, id, ip, container.lifecycle!.preStop!).catch((error) => {
    // What went wrong stays out of the event: it may quote a secret.
    parts.events.event(
      podReference(pod, container.name),
      'Warning',
      'FailedPreStopHook',
      'PreStopHook failed',
    );
    parts.env.log.debug('a preStop hook failed', { pod: pod.metadata.name, error: String(error) });
  });
  await within(parts, hook, graceMs);
}

/**
 * All containers at once, but sidecars after the others, the last one first; then the sandboxes, which takes
 * what could not be stopped with them. Rejects with all that went wrong.
 */
export async function killPod(
  parts: KillParts,
  pod: NodePod,
  view: PodView,
  graceSeconds?: number,
  how: 'first' | 'again' = 'first',
): Promise<void> {
  const sidecarNames = initContainers(pod)
    .filter(isSidecar)
    .map((container) => container.name);
  const running = view.containers.filter(
    (container) => container.state === 'running' || container.state === 'unknown',
  );
  const problems: string[] = [];
  const note = (action: string, target: string) => (error: unknown) => {
    const what = `failed to "${action}" for "${target}" with ${action}Error`;
    problems.push(`${what}: ${JSON.stringify(errorText(error))}`);
  };
  const kill = (container: { id: string; name: string }, after?: Promise<unknown>) =>
    killContainer(parts, {
      pod,
      // With less grace than before: hooks and events are under way already.
      container: how === 'again' ? undefined : findContainer(pod.spec, container.name),
      id: container.id,
      ip: podIps(view)[0] ?? '',
      ...(graceSeconds === undefined ? {} : { graceSeconds }),
      ...(after ? { after } : {}),
    }).catch(note('KillContainer', container.name));
  const others = running.filter((container) => !sidecarNames.includes(container.name));
  let last: Promise<unknown> = Promise.all(others.map((container) => kill(container)));
  const all = [last];
  for (const name of sidecarNames.reverse()) {
    const sidecar = running.find((container) => container.name === name);
    if (!sidecar) continue;
    last = kill(sidecar, last);
    all.push(last);
  }
  await Promise.all(all);
  const stop = ({ id }: { id: string }) =>
    unlessGone(parts.runtime.stopPodSandbox(id)).catch(note('KillPodSandbox', pod.metadata.uid));
  await Promise.all(view.sandboxes.map(stop));
  if (problems.length > 0) throw new Error(problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`);
}
