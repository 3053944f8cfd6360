/**
 * Runs the probes of all containers of a node, each at its own pace, and remembers what they last said.
 *
 *   1. The startup probe comes first; its first verdict is its last. One of a container that had started
 *      before the kubelet did is not run again.
 *   2. Liveness ends with its first failure: the container is going to be killed, and nothing may take that
 *      back.
 *   3. Readiness goes on for as long as the container runs, also while the pod ends.
 *   4. A new container starts over.
 */

import type { Probe } from '#api/generated/types.gen.ts';
import { type AnyContainer, allContainers } from '#api/pods/containers.ts';
import type { Timer } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { Metric } from '#base/metrics/metric.ts';
import { errorText } from '#base/text/error-text.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import type { ProbeVerdict, ProbeVerdicts } from '../decide/container-plan.ts';
import { type NodePod, podReference } from '../pod/pod.ts';
import { latest, type PodView, podIps } from '../runtime/pod-view.ts';
import type { ContainerStatus } from '../runtime/runtime.ts';
import { ProbeMetrics } from './probe-metrics.ts';

export type ProbeKind = 'startup' | 'liveness' | 'readiness';

export interface ProbeOutcome {
  readonly verdict: ProbeVerdict;
  readonly output: string;
  /** What is odd about a success. */
  readonly warning?: string;
}

export interface ProbeTarget {
  readonly pod: NodePod;
  readonly container: AnyContainer;
  readonly kind: ProbeKind;
  readonly probe: Probe;
  readonly containerId: string;
  readonly ip: string;
}

export type RunProbe = (target: ProbeTarget) => Promise<ProbeOutcome>;

interface Worker {
  target: ProbeTarget;
  startedAtMs: number;
  timer: Timer | undefined;
  /** The container has passed its startup probe, or has none. */
  started: boolean;
  result: ProbeVerdict | undefined;
  /** How often the last verdict came in a row. */
  run: { verdict: ProbeVerdict; count: number } | undefined;
  busy: boolean;
  stopped: boolean;
}

/** Whether a container was already reported as started. */
export type StartedBefore = (container: AnyContainer, id: string) => boolean;

const kinds: readonly ProbeKind[] = ['startup', 'liveness', 'readiness'];
const fieldOf = { startup: 'startupProbe', liveness: 'livenessProbe', readiness: 'readinessProbe' } as const;
const titleOf = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' } as const;
const triesPerProbe = 3;

export class Prober implements ProbeVerdicts {
  readonly #env: Env;
  readonly #events: EventRecorder;
  readonly #runProbe: RunProbe;
  readonly #onResult: (podUid: string) => void;
  readonly #beganAtMs: number;
  /** By container id and kind. */
  readonly #workers = new Map<string, Worker>();
  readonly #metrics = new ProbeMetrics();

  constructor(env: Env, events: EventRecorder, runProbe: RunProbe, onResult: (podUid: string) => void) {
    this.#env = env;
    this.#events = events;
    this.#runProbe = runProbe;
    this.#onResult = onResult;
    this.#beganAtMs = env.clock.now();
  }

  get metrics(): readonly Metric[] {
    return this.#metrics.metrics;
  }

  /** Probes the running containers of this pod from now on, and no others of it. */
  follow(
    pod: NodePod,
    view: PodView,
    startedBefore: StartedBefore,
    only: readonly ProbeKind[] = kinds,
  ): void {
    const wanted = new Set<string>();
    for (const container of allContainers(pod.spec)) {
      const status = latest(view, container.name);
      if (status?.state !== 'running') continue;
      const started = this.isStarted(container, status.id, startedBefore(container, status.id));
      for (const kind of only) {
        const probe = container[fieldOf[kind]];
        if (!probe) continue;
        wanted.add(`${status.id}/${kind}`);
        this.#ensure(
          {
            pod,
            container,
            kind,
            probe,
            containerId: status.id,
            ip: podIps(view)[0] ?? pod.status?.hostIP ?? '127.0.0.1',
          },
          status,
          started,
        );
      }
    }
    for (const [key, worker] of this.#workers) {
      if (worker.target.pod.metadata.uid === pod.metadata.uid && !wanted.has(key)) this.#drop(key, worker);
    }
  }

  forget(podUid: string): void {
    for (const [key, worker] of this.#workers) {
      if (worker.target.pod.metadata.uid === podUid) this.#drop(key, worker);
    }
  }

  stop(): void {
    for (const [key, worker] of this.#workers) this.#drop(key, worker);
  }

  liveness(containerId: string): ProbeVerdict | undefined {
    return this.#workers.get(`${containerId}/liveness`)?.result;
  }

  startup(containerId: string): ProbeVerdict | undefined {
    return this.#workers.get(`${containerId}/startup`)?.result;
  }

  /** A container without the probe has passed it. */
  isStarted(container: AnyContainer, id: string, before: boolean): boolean {
    if (!container.startupProbe) return true;
    return (this.startup(id) ?? (before ? 'success' : undefined)) === 'success';
  }

  isReady(container: AnyContainer, id: string, before: boolean): boolean {
    if (!container.readinessProbe) return true;
    const result = this.#workers.get(`${id}/readiness`)?.result;
    return result === undefined ? before : result === 'success';
  }

  #ensure(target: ProbeTarget, status: ContainerStatus, started: boolean): void {
    const key = `${target.containerId}/${target.kind}`;
    const existing = this.#workers.get(key);
    if (existing) {
      existing.target = target;
      existing.started = started;
      // Something happened to the pod: its readiness may have come, too, as upstream.
      if (target.kind === 'readiness' && started && existing.result !== 'success') this.#hurry(existing);
      return;
    }
    const worker: Worker = {
      target,
      startedAtMs: status.startedAtMs,
      timer: undefined,
      started,
      result: target.kind === 'startup' && started ? 'success' : undefined,
      run: undefined,
      busy: false,
      stopped: false,
    };
    this.#workers.set(key, worker);
    if (!isOver(worker)) this.#schedule(worker, Math.max(this.#firstDelayMs(worker), this.#spreadMs(worker)));
  }

  /** Containers that ran before the kubelet did are not all probed in its first moment. */
  #spreadMs({ target, startedAtMs }: Worker): number {
    if (startedAtMs >= this.#beganAtMs) return 0;
    return this.#env.random.float() * (target.probe.periodSeconds ?? 10) * 1000;
  }

  #firstDelayMs({ target, startedAtMs }: Worker): number {
    const initialMs = (target.probe.initialDelaySeconds ?? 0) * 1000;
    // Never longer than the delay itself, though the wall clock was set back since.
    return Math.min(Math.max(0, startedAtMs + initialMs - this.#env.clock.now()), initialMs);
  }

  #schedule(worker: Worker, delayMs: number): void {
    worker.timer?.cancel();
    worker.timer = this.#env.clock.after(delayMs, () => void this.#probe(worker));
  }

  async #probe(worker: Worker): Promise<void> {
    if (worker.stopped || worker.busy) return;
    const { target } = worker;
    const periodMs = (target.probe.periodSeconds ?? 10) * 1000;
    if (this.#mustWait(worker)) return this.#schedule(worker, periodMs);
    worker.busy = true;
    const beganAtMs = this.#env.clock.monotonicMs();
    const outcome = await this.#try(target);
    worker.busy = false;
    if (worker.stopped) return;
    this.#metrics.observe(target, outcome.verdict, this.#env.clock.monotonicMs() - beganAtMs);
    this.#note(worker, outcome);
    if (!isOver(worker)) this.#schedule(worker, periodMs);
  }

  #mustWait({ target, started }: Worker): boolean {
    return target.kind !== 'startup' && !started && this.startup(target.containerId) !== 'success';
  }

  async #try(target: ProbeTarget): Promise<ProbeOutcome> {
    let outcome: ProbeOutcome = { verdict: 'unknown', output: '' };
    for (let attempt = 0; attempt < triesPerProbe; attempt++) {
      try {
        return await this.#runProbe(target);
      } catch (error) {
        outcome = { verdict: 'unknown', output: errorText(error) };
      }
    }
    return outcome;
  }

  #note(worker: Worker, outcome: ProbeOutcome): void {
    const { target } = worker;
    const { verdict } = outcome;
    this.#tell(target, outcome);
    if (verdict === 'unknown') return;
    const count = worker.run?.verdict === verdict ? worker.run.count + 1 : 1;
    worker.run = { verdict, count };
    const threshold =
      verdict === 'success' ? (target.probe.successThreshold ?? 1) : (target.probe.failureThreshold ?? 3);
    if (count < threshold || worker.result === verdict) return;
    worker.result = verdict;
    this.#onResult(target.pod.metadata.uid);
    if (target.kind !== 'startup' || verdict !== 'success') return;
    // What waited for the startup probe need not wait a whole period more.
    for (const kind of ['liveness', 'readiness']) {
      const waiting = this.#workers.get(`${target.containerId}/${kind}`);
      if (waiting) this.#hurry(waiting);
    }
  }

  #tell({ kind, pod, container }: ProbeTarget, { verdict, output, warning }: ProbeOutcome): void {
    const tell = (reason: string, how: string) => {
      const message = `${titleOf[kind]} probe ${how}`;
      this.#events.event(podReference(pod, container.name), 'Warning', reason, message);
    };
    if (verdict === 'failure') tell('Unhealthy', `failed: ${output}`);
    else if (verdict === 'unknown') tell('Unhealthy', `errored and resulted in unknown state: ${output}`);
    else if (warning !== undefined) tell('ProbeWarning', `warning: ${warning}`);
  }

  #hurry(worker: Worker): void {
    if (!worker.busy) this.#schedule(worker, this.#firstDelayMs(worker));
  }

  #drop(key: string, worker: Worker): void {
    worker.stopped = true;
    worker.timer?.cancel();
    this.#metrics.forget(worker.target);
    this.#workers.delete(key);
  }
}

/** The worker's verdict on its container is final. */
function isOver({ target, result }: Worker): boolean {
  if (target.kind === 'startup') return result !== undefined;
  return target.kind === 'liveness' && result === 'failure';
}
