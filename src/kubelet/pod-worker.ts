/**
 * Looks after one pod from its arrival on the node to its end, one step at a time: running, then terminating, then
 * ended. Every step reads the runtime afresh, reports the status, and does what is due; so it can begin anywhere,
 * also after a restart of the kubelet.
 */

import type { PodStatus } from '#api/types.gen.ts';
import type { Timer } from '#base/clock.ts';
import type { StartFailure } from './container-statuses.ts';
import type { NodeParts } from './node-parts.ts';
import { type AnyContainer, findStatus, gracePeriodSeconds, type NodePod, podReference } from './pod.ts';
import { PodEnding } from './pod-ending.ts';
import { podReferences } from './pod-references.ts';
import { PodResizing } from './pod-resizing.ts';
import { SetupError } from './pod-setup.ts';
import { podStatus, rejectedStatus, wasRejected } from './pod-status.ts';
import type { PodView } from './pod-view.ts';
import { syncPod } from './sync-pod.ts';

type Stage = 'running' | 'terminating' | 'ended';

const resyncMs = 60_000;
const errorRetryMs = 10_000;
const setupRetryMs = 500;
const setupRetryMaxMs = 122_000;

export class PodWorker {
  stage: Stage = 'running';
  private readonly parts: NodeParts;
  private readonly resizing: PodResizing;
  private readonly ending: PodEnding;
  private readonly failures = new Map<string, StartFailure>();
  private verdict: { reason: string; message: string } | undefined;
  private wanted = false;
  private working = false;
  private stopped = false;
  /** It is not decided yet whether the pod may begin. */
  private held = false;
  private timer: Timer | undefined;
  private setupFailures = 0;
  private removed = false;
  private rejected = false;
  private evicted = false;
  /** Aborted when the pod has to end, so that no sandbox, container, pull or hook is waited for. */
  private readonly mayStart = new AbortController();

  constructor(parts: NodeParts, pod: NodePod) {
    this.parts = parts;
    this.resizing = new PodResizing(parts, pod);
    this.ending = new PodEnding(parts, () => this.poke());
  }

  /** As it may run: with the resources that it was granted. */
  get pod(): NodePod {
    return this.resizing.pod;
  }

  update(pod: NodePod): void {
    this.resizing.update(pod);
    if (pod.metadata.deletionTimestamp) this.mayStart.abort();
    this.poke();
  }

  /** This node will not run it: it fails before anything of it was made. */
  reject(verdict: { reason: string; message: string }): void {
    this.verdict = verdict;
    this.rejected = true;
    this.parts.events.event(podReference(this.pod), 'Warning', verdict.reason, verdict.message);
  }

  /** The pod uses more than it may of what the node has: it fails, and its containers get a second to end. */
  evict(message: string): void {
    this.verdict = { reason: 'Evicted', message };
    this.evicted = true;
    this.mayStart.abort();
    this.parts.events.event(podReference(this.pod), 'Warning', 'Evicted', message);
    this.poke();
  }

  /** Nothing has ended it yet. */
  get mayRun(): boolean {
    return this.stage === 'running' && !this.verdict && !this.removed && !this.pod.metadata.deletionTimestamp;
  }

  /** The API server has forgotten the pod: what is left of it ends quickly. */
  remove(): void {
    this.removed = true;
    this.mayStart.abort();
    this.poke();
  }

  /** Something may have changed: take a step soon. */
  poke(): void {
    this.wanted = true;
    if (!this.working && !this.stopped && !this.held) void this.work();
  }

  /** No step is taken until `release`. */
  hold(): void {
    this.held = true;
  }

  release(): void {
    this.held = false;
    this.poke();
  }

  stop(): void {
    this.stopped = true;
    this.timer?.cancel();
  }

  /** Nothing is left to do for a pod that the API server has forgotten. */
  get isGone(): boolean {
    return this.removed && this.stage === 'ended';
  }

  /**
   * Whether another pod must do without what this one requests. The scheduler gives its room away as soon as the API
   * server forgets a pod, so from then on it counts no more, even while its containers end; upstream's kubelet does
   * the same (GetActivePods).
   */
  get takesRoom(): boolean {
    if (this.removed || this.rejected || this.stage === 'ended') return false;
    const phase = this.pod.status?.phase;
    return this.stage === 'terminating' || (phase !== 'Succeeded' && phase !== 'Failed');
  }

  private async work(): Promise<void> {
    this.working = true;
    this.timer?.cancel();
    while (this.wanted && !this.stopped) {
      this.wanted = false;
      const againInMs = await this.safeStep();
      if (againInMs === 0) this.wanted = true;
      else if (againInMs !== undefined && !this.stopped)
        this.timer = this.parts.env.clock.after(againInMs, () => this.poke());
    }
    this.working = false;
  }

  private async safeStep(): Promise<number | undefined> {
    try {
      return await this.step();
    } catch (error) {
      if (this.mayStart.signal.aborted && error === this.mayStart.signal.reason) return 0;
      if (error instanceof SetupError) return this.setupFailed(error);
      const problem = { pod: this.pod.metadata.name, error: String(error) };
      this.parts.env.log.warn('a pod could not be synced', problem);
      return errorRetryMs;
    }
  }

  private setupFailed({ reason, message }: SetupError): number {
    this.parts.events.event(podReference(this.pod), 'Warning', reason, message);
    return Math.min(setupRetryMs * 2 ** this.setupFailures++, setupRetryMaxMs);
  }

  private async step(): Promise<number | undefined> {
    if (this.stage === 'ended') return this.finish();
    const wasKilled = this.ending.isDone;
    const view = await this.parts.readView(this.pod.metadata.uid);
    if (this.stage === 'running' && this.mustEnd(view)) this.stage = 'terminating';
    return this.stage === 'running' ? this.run(view) : this.terminate(view, wasKilled);
  }

  private mustEnd(view: PodView): boolean {
    if (this.removed || this.verdict || this.pod.metadata.deletionTimestamp) return true;
    const deadline = this.deadlineMs();
    if (deadline !== undefined && deadline <= 0) {
      const message = 'Pod was active on the node longer than the specified deadline';
      this.verdict = { reason: 'DeadlineExceeded', message };
      this.parts.events.event(podReference(this.pod), 'Normal', 'DeadlineExceeded', message);
      return true;
    }
    this.resizing.decide();
    const { phase } = this.report(view, false);
    return phase === 'Succeeded' || phase === 'Failed';
  }

  /** Milliseconds until activeDeadlineSeconds are over. */
  private deadlineMs(): number | undefined {
    const seconds = this.pod.spec.activeDeadlineSeconds;
    const start = this.pod.status?.startTime ?? this.parts.statuses.get(this.pod.metadata.uid)?.startTime;
    if (seconds === undefined || !start) return undefined;
    return Date.parse(start) + seconds * 1000 - this.parts.env.clock.now();
  }

  private async run(view: PodView): Promise<number | undefined> {
    const { uid } = this.pod.metadata;
    this.parts.objects.follow(uid, podReferences(this.pod), () => this.poke());
    await this.parts.setup.prepare(this.pod);
    this.setupFailures = 0;
    this.parts.probes.follow(this.pod, view, this.startedBefore);
    const resizeAgainInMs = await this.resizing.carryOut(view);
    const result = await syncPod({
      parts: this.parts,
      pod: this.pod,
      view,
      failures: this.failures,
      resized: this.resizing.mustRestart(view),
      signal: this.mayStart.signal,
    });
    if (result.acted) return 0;
    this.report(view, false);
    const waits = [result.againInMs, resizeAgainInMs, this.deadlineMs(), resyncMs].filter(
      (one) => one !== undefined,
    );
    return Math.max(Math.min(...waits), 1);
  }

  private async terminate(view: PodView, wasKilled: boolean): Promise<number | undefined> {
    const { pod, parts } = this;
    parts.probes.follow(pod, view, this.startedBefore, ['readiness']);
    const hurried = this.removed || this.evicted;
    const graceSeconds = hurried ? Math.min(1, gracePeriodSeconds(pod)) : gracePeriodSeconds(pod);
    const lives =
      view.sandboxes.some((one) => one.ready) || view.containers.some((one) => one.state === 'running');
    this.ending.begin(pod, view, graceSeconds, wasKilled && lives);
    const over = wasKilled && !lives;
    this.report(view, over);
    if (!over) return undefined;
    parts.probes.forget(pod.metadata.uid);
    parts.objects.unfollow(pod.metadata.uid);
    await parts.setup.cleanUp(pod.metadata.uid);
    this.stage = 'ended';
    return 0;
  }

  /** All is stopped and cleaned up: a pod being deleted may now vanish from the API. */
  private async finish(): Promise<number | undefined> {
    const { pod, parts } = this;
    if (this.removed) {
      await this.removeFromRuntime();
      parts.statuses.forget(pod.metadata.uid);
      parts.restarts.forget(pod.metadata.uid);
      parts.images.forget(pod);
      this.stop();
      return undefined;
    }
    if (!pod.metadata.deletionTimestamp) return undefined;
    await parts.statuses.flushed(pod.metadata.uid);
    await parts.deletePod(pod);
    return errorRetryMs;
  }

  private async removeFromRuntime(): Promise<void> {
    const { runtime, setup, readView } = this.parts;
    const { uid, name, namespace = '' } = this.pod.metadata;
    const view = await readView(uid);
    for (const container of view.containers) await runtime.removeContainer(container.id);
    for (const sandbox of view.sandboxes) await runtime.removePodSandbox(sandbox.id);
    await setup.removeLogs({ namespace, name, uid });
  }

  private report(view: PodView, ended: boolean): PodStatus {
    if (!this.rejected && wasRejected(this.pod)) return this.pod.status!;
    const status =
      this.rejected && this.verdict
        ? rejectedStatus(this.pod, this.verdict, this.parts.env.clock.now())
        : this.statusFrom(view, ended);
    if (!this.removed) this.parts.statuses.set(this.pod, status);
    return status;
  }

  private statusFrom(view: PodView, ended: boolean): PodStatus {
    return podStatus({
      pod: this.pod,
      view,
      failures: this.failures,
      readiness: (container, id) =>
        this.parts.probes.isReady(container, id, this.before(container, id)?.ready === true),
      startup: (container, id) =>
        this.parts.probes.isStarted(container, id, this.startedBefore(container, id)),
      ended,
      actual: (container, status) => this.resizing.actual(container, status),
      resize: this.resizing.state,
      hostIp: this.parts.nodeIp,
      nowMs: this.parts.env.clock.now(),
      ...(this.verdict ? { verdict: this.verdict } : {}),
    });
  }

  private readonly startedBefore = (container: AnyContainer, id: string) =>
    this.before(container, id)?.started === true;

  /** What was last told about this very container; it holds until a probe says otherwise, also over our restart. */
  private before(container: AnyContainer, id: string) {
    const status = this.parts.statuses.get(this.pod.metadata.uid) ?? this.pod.status;
    const known = findStatus(status, container.name);
    return known?.containerID === `containerd://${id}` ? known : undefined;
  }
}
