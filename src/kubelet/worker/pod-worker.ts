/**
 * Looks after one pod from its arrival on the node to its end. Every step reads the runtime afresh, reports
 * the status and does what is due in the state that the pod is in (`pod-life.ts`); so it can begin anywhere, also
 * after a restart of the kubelet. `StepLoop` decides when the next step is due.
 *
 * What other parts may ask is `mayRun` (may it be ended early, for what it uses?), `takesRoom` (does
 * admission count what it requests?), `isActive` (may it be evicted?), `hasEnded` (is all that it used free?),
 * `isGone` (may it be forgotten?) and `pod`. No other part sees the state.
 */

import { isTerminalPhase } from '#api/pods/state.ts';
import { backOffMs } from '#base/back-off.ts';
import type { PendingResize } from '../admission/resize-order.ts';
import type { StartFailure } from '../decide/container-statuses.ts';
import { deadlineMs } from '../decide/deadline.ts';
import { objectsNeeded } from '../pod/objects/objects-needed.ts';
import { type NodePod, podReference } from '../pod/pod.ts';
import { resyncMs, setupRetry, syncRetryMs } from '../pod/retries.ts';
import { PodRejected, SetupError } from '../runtime/machine.ts';
import { isAlive, type PodView } from '../runtime/pod-view.ts';
import { forgetPod } from './ending/forget-pod.ts';
import { PodEnding } from './ending/pod-ending.ts';
import { PodLife } from './pod-life.ts';
import { PodResizing, type PodResizingParts } from './resize/pod-resizing.ts';
import { type Failure, PodReport } from './status/pod-report.ts';
import type { StatusManager } from './status/status-manager.ts';
import { StepLoop } from './step-loop.ts';
import { type SyncParts, syncPod } from './sync-pod.ts';

/** What a pod's worker takes of its node. */
export interface WorkerParts extends PodResizingParts, SyncParts {
  readonly statuses: StatusManager;
  /** Lets a pod that has ended vanish from the API. */
  deletePod(pod: NodePod): Promise<void>;
}

export class PodWorker {
  readonly #life = new PodLife();
  readonly #parts: WorkerParts;
  readonly #resizing: PodResizing;
  readonly #ending: PodEnding;
  readonly #failures = new Map<string, StartFailure>();
  readonly #report: PodReport;
  readonly #loop: StepLoop;
  #setupFailures = 0;
  /** Aborted when the pod has to end, so that no sandbox, container, pull or hook is waited for. */
  readonly #mayStart = new AbortController();

  constructor(parts: WorkerParts, pod: NodePod) {
    this.#parts = parts;
    this.#resizing = new PodResizing(parts, pod);
    this.#report = new PodReport(parts, this.#resizing, this.#failures);
    this.#ending = new PodEnding(parts, () => this.poke());
    this.#loop = new StepLoop(parts.env.clock, () => this.#safeStep());
  }

  /** As it may run: with the resources that it was granted. */
  get pod(): NodePod {
    return this.#resizing.pod;
  }

  /** The resize of the pod that waits for room. */
  get deferredResize(): PendingResize | undefined {
    return this.#resizing.deferred;
  }

  update(pod: NodePod): void {
    this.#resizing.update(pod);
    if (pod.metadata.deletionTimestamp) this.#mayStart.abort();
    this.poke();
  }

  /** The pod fails as a whole. */
  fail(failure: Failure): void {
    this.#end(failure);
    const { cause, reason, message, annotations } = failure;
    // As upstream, a shutdown has an event of the node alone.
    if (cause !== 'Shutdown') {
      this.#parts.events.event(podReference(this.pod), 'Warning', reason, message, annotations);
    }
    this.poke();
  }

  /** The pod runs and is not terminating. */
  get mayRun(): boolean {
    return this.#life.isRunning && !this.pod.metadata.deletionTimestamp;
  }

  /** It runs or is terminating, and has not failed as a whole yet. */
  get isActive(): boolean {
    return this.takesRoom && this.#life.failure === undefined;
  }

  /** Its containers, volumes and control groups are gone. */
  get hasEnded(): boolean {
    return this.#life.isTerminated || this.isGone;
  }

  /** The API server no longer has the pod: what is left of it ends quickly. */
  remove(): void {
    this.#mayStart.abort();
    this.#life.remove();
    this.poke();
  }

  /** Something may have changed: take a step soon. */
  poke(): void {
    this.#loop.poke();
  }

  /** It is not decided yet whether the pod may begin: no step is taken until `release`. */
  hold(): void {
    this.#loop.hold();
  }

  release(): void {
    this.#loop.release();
  }

  stop(): void {
    this.#loop.stop();
  }

  /** Nothing is left to do for a pod that the API server no longer has. */
  get isGone(): boolean {
    return this.#life.isGone;
  }

  /**
   * Whether another pod must do without what this one requests. The scheduler gives its room away as soon as
   * the API server forgets a pod, so from then on it counts no more, even while its containers end;
   * upstream's kubelet does the same (GetActivePods).
   */
  get takesRoom(): boolean {
    // The scheduler has given away the room of a pod that the API shows as ended.
    if (isTerminalPhase(this.pod.status?.phase)) return false;
    return this.#life.takesRoom;
  }

  /** From now on nothing is started, whatever step is under way. */
  #end(failure?: Failure): void {
    this.#mayStart.abort();
    this.#life.end(failure);
  }

  async #safeStep(): Promise<number | undefined> {
    try {
      return await this.#step();
    } catch (error) {
      if (this.#mayStart.signal.aborted && error === this.#mayStart.signal.reason) return 0;
      if (error instanceof SetupError) return this.#setupFailed(error);
      if (error instanceof PodRejected) return this.#rejected(error);
      const problem = { pod: this.pod.metadata.name, error: String(error) };
      this.#parts.env.log.warn('a pod could not be synced', problem);
      return syncRetryMs;
    }
  }

  #setupFailed({ reason, message }: SetupError): number {
    this.#parts.events.event(podReference(this.pod), 'Warning', reason, message);
    return backOffMs(setupRetry, ++this.#setupFailures);
  }

  #rejected({ reason, message }: PodRejected): number {
    if (this.mayRun) this.fail({ cause: 'Rejected', reason, message });
    return 0;
  }

  async #step(): Promise<number | undefined> {
    if (this.#life.isTerminated) return this.#finish();
    if (this.isGone) return this.#forget();
    const wasKilled = this.#ending.isDone;
    const view = await this.#parts.readView(this.pod.metadata.uid);
    if (this.mayRun && !this.#mustEnd(view)) return this.#run(view);
    this.#end();
    return this.#terminate(view, wasKilled);
  }

  #mustEnd(view: PodView): boolean {
    const deadline = this.#deadlineMs();
    if (deadline !== undefined && deadline <= 0) {
      const message = 'Pod was active on the node longer than the specified deadline';
      this.#end({ cause: 'Late', reason: 'DeadlineExceeded', message });
      this.#parts.events.event(podReference(this.pod), 'Normal', 'DeadlineExceeded', message);
      return true;
    }
    this.#resizing.decide();
    const { phase } = this.#report.write(view, false, this.#life);
    return isTerminalPhase(phase);
  }

  /** Milliseconds until activeDeadlineSeconds are over. */
  #deadlineMs(): number | undefined {
    const { statuses, env } = this.#parts;
    return deadlineMs(this.pod, statuses.get(this.pod.metadata.uid)?.startTime, env.clock.now());
  }

  async #run(view: PodView): Promise<number | undefined> {
    // An ephemeral container that is added meanwhile has nothing prepared: it begins with the next step.
    const pod = this.pod;
    this.#parts.objects.follow(pod.metadata.uid, objectsNeeded(pod), () => this.poke());
    await this.#parts.setup.prepare(pod);
    this.#setupFailures = 0;
    this.#parts.probes.follow(pod, view, this.#report.startedBefore);
    const resizeAgainInMs = await this.#resizing.carryOut(view);
    const result = await syncPod({
      parts: this.#parts,
      pod,
      view,
      failures: this.#failures,
      resized: this.#resizing.mustRestart(view),
      signal: this.#mayStart.signal,
    });
    if (result.acted) return 0;
    this.#report.write(view, false, this.#life);
    const waits = [result.againInMs, resizeAgainInMs, this.#deadlineMs(), resyncMs];
    return Math.max(Math.min(...waits.filter((time) => time !== undefined)), 1);
  }

  async #terminate(view: PodView, wasKilled: boolean): Promise<number | undefined> {
    const pod = this.pod;
    const parts = this.#parts;
    parts.probes.follow(pod, view, this.#report.startedBefore, ['readiness']);
    const lives = isAlive(view);
    this.#ending.begin(pod, view, this.#life.graceSeconds(pod), wasKilled && lives);
    const over = wasKilled && !lives;
    // Before the pod is reported as ended: its claims may be given to another pod then.
    if (over) await parts.claims?.unprepare(pod.metadata.uid);
    this.#report.write(view, over, this.#life);
    if (!over) return undefined;
    parts.probes.forget(pod.metadata.uid);
    parts.objects.unfollow(pod.metadata.uid);
    await parts.setup.cleanUp(pod.metadata.uid);
    this.#life.terminated();
    return 0;
  }

  /** All is stopped and cleaned up: a pod being deleted may now vanish from the API. */
  async #finish(): Promise<number | undefined> {
    const pod = this.pod;
    const parts = this.#parts;
    if (!pod.metadata.deletionTimestamp) return undefined;
    await parts.statuses.flushed(pod.metadata.uid);
    await parts.deletePod(pod);
    return syncRetryMs;
  }

  /** Neither the API server nor this node has any use for it. */
  async #forget(): Promise<undefined> {
    await forgetPod(this.#parts, this.pod);
    this.stop();
  }
}
