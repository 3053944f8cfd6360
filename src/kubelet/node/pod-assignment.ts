/**
 * Assigns pods what they have for themselves on a node: processors, memory and devices of plugins, near to each other as the
 * topology manager wants them. Upstream: `Admit` of the scopes of pkg/kubelet/cm/topologymanager.
 */

import type { Container } from '#api/generated/types.gen.ts';
import { startedContainers } from '#api/pods/containers.ts';
import type { Clock } from '#base/clock.ts';
import { errorText } from '#base/text/error-text.ts';
import type { Rejection } from '../admission/rejection.ts';
import type { DevicePlugins } from '../devices/plugins/device-plugins.ts';
import type { NodePod } from '../pod/pod.ts';
import type { Hint } from '../topology/hint.ts';
import type { TopologyMetrics } from '../topology/metrics.ts';
import { TopologyAffinityError, type TopologyManager } from '../topology/topology-manager.ts';
import type { CpuManager } from './cpus/cpu-manager.ts';
import { SmtAlignmentError } from './cpus/static-policy.ts';
import type { MemoryManager } from './memory/memory-manager.ts';

export interface AssignmentParts {
  readonly clock: Clock;
  /** Absent where containers use all processors. */
  readonly cpus?: CpuManager | undefined;
  /** Absent where containers use the memory of all NUMA nodes. */
  readonly memory?: MemoryManager | undefined;
  readonly devices?: DevicePlugins | undefined;
  readonly topology?: { readonly manager: TopologyManager; readonly metrics: TopologyMetrics } | undefined;
}

export class PodAssignment {
  readonly #parts: AssignmentParts;

  constructor(parts: AssignmentParts) {
    this.#parts = parts;
  }

  /** Whether a plugin has to be asked for the pod: `assignByPlugins` is to be called then. */
  asksPlugins(pod: NodePod): boolean {
    return this.#parts.devices?.wants(pod) ?? false;
  }

  /** Says why the pod must fail. Harmless when it is called again. */
  assign(pod: NodePod): Rejection | undefined {
    const startMs = this.#parts.clock.monotonicMs();
    try {
      const podHint = this.#parts.topology?.manager.podAffinity(pod);
      for (const container of startedContainers(pod.spec)) {
        this.#assignLocally(pod, container, podHint);
        this.#parts.topology?.manager.allocated('container');
      }
      return this.#done(startMs);
    } catch (error) {
      return this.#done(startMs, rejectionOf(error));
    }
  }

  /**
   * `assign`, with the devices of plugins. Resolves when the plugins have answered, however long it takes them, or
   * `signal` is aborted.
   */
  async assignByPlugins(pod: NodePod, signal: AbortSignal): Promise<Rejection | undefined> {
    const startMs = this.#parts.clock.monotonicMs();
    try {
      const podHint = this.#parts.topology?.manager.podAffinity(pod);
      for (const container of startedContainers(pod.spec)) {
        const hint = this.#assignLocally(pod, container, podHint);
        await this.#parts.devices?.allocate(pod, container, hint?.nodes, signal);
        this.#parts.topology?.manager.allocated('container');
      }
      return this.#done(startMs);
    } catch (error) {
      return this.#done(startMs, rejectionOf(error));
    }
  }

  /** In one turn: no other pod takes what the hints were made of. Returns the hint of the container. */
  #assignLocally(pod: NodePod, container: Container, podHint: Hint | undefined): Hint | undefined {
    const { cpus, memory, topology } = this.#parts;
    const hint = topology?.manager.containerAffinity(pod, container) ?? podHint;
    cpus?.assign(pod, container, hint?.nodes);
    memory?.assign(pod, container, hint);
    return hint;
  }

  #done(startMs: number, rejection?: Rejection): Rejection | undefined {
    const { clock, topology } = this.#parts;
    topology?.metrics.assigned(clock.monotonicMs() - startMs, rejection !== undefined);
    if (!rejection) topology?.manager.allocated('pod');
    return rejection;
  }
}

function rejectionOf(error: unknown): Rejection {
  const message = errorText(error);
  if (error instanceof TopologyAffinityError) return { reason: 'TopologyAffinityError', message };
  if (error instanceof SmtAlignmentError) return { reason: 'SMTAlignmentError', message };
  return {
    reason: 'UnexpectedAdmissionError',
    message: `Allocate failed due to ${message}, which is unexpected`,
  };
}
