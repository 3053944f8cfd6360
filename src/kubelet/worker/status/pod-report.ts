/**
 * The status that the worker of one pod reports: of its containers in the runtime, their probes and resizes, and
 * of what was reported before.
 */

import type { PodStatus, ResourceStatus } from '#api/generated/types.gen.ts';
import { type AnyContainer, containerStatus } from '#api/pods/containers.ts';
import { isTerminalPhase } from '#api/pods/state.ts';
import type { Env } from '#base/env.ts';
import type { StartFailure } from '../../decide/container-statuses.ts';
import { podStatus, rejectedStatus, wasRejected } from '../../decide/pod-status.ts';
import type { PodClaims } from '../../devices/claims/claim-manager.ts';
import type { DeviceSource } from '../../devices/container-devices.ts';
import type { NodePod } from '../../pod/pod.ts';
import type { Prober } from '../../probes/prober.ts';
import type { PodView } from '../../runtime/pod-view.ts';
import type { PodResizing } from '../resize/pod-resizing.ts';
import type { StatusManager } from './status-manager.ts';

/** Why a pod fails as a whole, whatever its containers do. Its reason and message become those of its status. */
export interface Failure {
  /**
   * Rejected: the node refused it before a container of it was made, and its status has none.
   * Evicted: it uses more than it may of what the node has, or the node is short of it.
   * Late: its activeDeadlineSeconds are over.
   * Shutdown: the machine goes down.
   */
  readonly cause: 'Rejected' | 'Evicted' | 'Late' | 'Shutdown';
  readonly reason: string;
  readonly message: string;
  /** What its containers get to end, if that is less than their own grace period. */
  readonly graceSeconds?: number;
  /** It was not the pod's own fault: once it has ended its condition DisruptionTarget has this message. */
  readonly disruption?: string;
  /** Of the event. */
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface ReportParts {
  readonly env: Env;
  readonly probes: Prober;
  readonly statuses: StatusManager;
  readonly nodeIp: string;
  /** Absent where pods get no devices. */
  readonly claims?: Pick<PodClaims, 'holds'> | undefined;
  readonly deviceSources: readonly DeviceSource[];
}

export interface ReportedLife {
  readonly failure: Failure | undefined;
  /** The API server no longer has the pod. */
  readonly isRemoved: boolean;
}

export class PodReport {
  readonly #parts: ReportParts;
  readonly #resizing: PodResizing;
  readonly #failures: ReadonlyMap<string, StartFailure>;

  /** `failures`: of the last attempts to start a container, by its name. */
  constructor(parts: ReportParts, resizing: PodResizing, failures: ReadonlyMap<string, StartFailure>) {
    this.#parts = parts;
    this.#resizing = resizing;
    this.#failures = failures;
  }

  /** Brings the status to the API, unless that has forgotten the pod. `ended`: nothing of the pod runs any more. */
  write(view: PodView, ended: boolean, { failure, isRemoved }: ReportedLife): PodStatus {
    const status = this.#statusOf(view, ended, failure);
    // A rejected pod keeps the status that it has, which is not reported again.
    if (status !== this.#pod.status && !isRemoved) {
      this.#parts.statuses.set(this.#pod, ended ? status : this.#beforeEnd(status));
    }
    return status;
  }

  /** As upstream, a final phase is not reported while claims of the pod are prepared: they would be given away. */
  #beforeEnd(status: PodStatus): PodStatus {
    const { uid } = this.#pod.metadata;
    if (!isTerminalPhase(status.phase) || !this.#parts.claims?.holds(uid)) return status;
    const { phase = 'Pending' } = this.#parts.statuses.get(uid) ?? this.#pod.status ?? {};
    return { ...status, phase };
  }

  #statusOf(view: PodView, ended: boolean, failure: Failure | undefined): PodStatus {
    if (failure?.cause !== 'Rejected' && wasRejected(this.#pod)) return this.#pod.status!;
    if (failure?.cause === 'Rejected') return rejectedStatus(this.#pod, failure, this.#parts.env.clock.now());
    return this.#statusFrom(view, ended, failure);
  }

  /** Whether this container has been reported as started: its startup probe is over then. */
  readonly startedBefore = (container: AnyContainer, id: string) =>
    this.#before(container, id)?.started === true;

  get #pod(): NodePod {
    return this.#resizing.pod;
  }

  #statusFrom(view: PodView, ended: boolean, failure: Failure | undefined): PodStatus {
    return podStatus({
      pod: this.#pod,
      view,
      before: this.#parts.statuses.get(this.#pod.metadata.uid) ?? this.#pod.status,
      failures: this.#failures,
      readiness: (container, id) =>
        this.#parts.probes.isReady(container, id, this.#before(container, id)?.ready === true),
      startup: (container, id) =>
        this.#parts.probes.isStarted(container, id, this.startedBefore(container, id)),
      ended,
      actual: (container, status) => this.#resizing.actual(container, status),
      resize: this.#resizing.state,
      devices: (container) => this.#devices(container),
      hostIp: this.#parts.nodeIp,
      nowMs: this.#parts.env.clock.now(),
      ...(failure ? { failure } : {}),
    });
  }

  #devices(container: AnyContainer): ResourceStatus[] {
    return this.#parts.deviceSources.flatMap((source) => source.healthOf?.(this.#pod, container) ?? []);
  }

  /** The last reported status of this very container: it holds until a probe changes it, also over a restart of the kubelet. */
  #before(container: AnyContainer, id: string) {
    const status = this.#parts.statuses.get(this.#pod.metadata.uid) ?? this.#pod.status;
    const known = containerStatus(status, container.name);
    return known?.containerID === `containerd://${id}` ? known : undefined;
  }
}
