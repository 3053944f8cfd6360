/** Assigns pods what they have for themselves on a node: processors, and devices of plugins. */

import type { Container } from '#api/generated/types.gen.ts';
import { startedContainers } from '#api/pods/containers.ts';
import { errorText } from '#base/text/error-text.ts';
import type { Rejection } from '../admission/rejection.ts';
import type { DevicePlugins } from '../devices/plugins/device-plugins.ts';
import type { NodePod } from '../pod/pod.ts';
import type { CpuManager } from './cpus/cpu-manager.ts';

export interface AssignmentParts {
  /** Absent where containers use all processors. */
  readonly cpus?: CpuManager | undefined;
  readonly devices?: DevicePlugins | undefined;
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
    return this.#parts.cpus?.admit(pod);
  }

  /**
   * `assign`, with the devices of plugins. Resolves when the plugins have answered, however long it takes them, or
   * `signal` is aborted.
   */
  async assignByPlugins(pod: NodePod, signal: AbortSignal): Promise<Rejection | undefined> {
    const rejection = this.assign(pod);
    if (rejection) return rejection;
    for (const container of startedContainers(pod.spec)) {
      const problem = await this.#allocate(pod, container, signal);
      if (problem) return problem;
    }
    return undefined;
  }

  async #allocate(pod: NodePod, container: Container, signal: AbortSignal): Promise<Rejection | undefined> {
    try {
      await this.#parts.devices?.allocate(pod, container, undefined, signal);
      return undefined;
    } catch (error) {
      const message = `Allocate failed due to ${errorText(error)}, which is unexpected`;
      return { reason: 'UnexpectedAdmissionError', message };
    }
  }
}
