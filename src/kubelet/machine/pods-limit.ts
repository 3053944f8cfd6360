/**
 * Holds all pods of the node together to what they may use, so that what is reserved stays for the rest of the
 * machine. When more is in use already the kernel refuses the limit: it is tried again every minute, as upstream.
 */

import { quantityMilliValue, quantityValue } from '#api/values/quantity.ts';
import type { Env } from '#base/env.ts';
import { Repeater } from '#base/repeater.ts';
import { errorText } from '#base/text/error-text.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import { ensureCgroup } from '#host/kernel/cgroups/cgroups.ts';
import { memoryLimitBytes } from '#host/kernel/node-signals.ts';
import { cpuShares } from '../decide/resources.ts';

const retryMs = 60_000;

export interface PodsLimitParts {
  readonly env: Env;
  readonly events: EventRecorder;
  readonly nodeName: string;
  /** Absolute within the hierarchy. */
  readonly cgroup: string;
  /** `cpu`, `memory` and `pid`; one that is missing is not limited. */
  readonly limits: Readonly<Record<string, string>>;
}

/** Returns the function that gives up trying. */
export function limitPods(parts: PodsLimitParts): () => void {
  const { env, events, nodeName, cgroup } = parts;
  const node = { kind: 'Node', name: nodeName, uid: nodeName };
  const rounds = new Repeater(env.clock, retryMs, async () => {
    try {
      await setLimits(parts);
      rounds.stop();
      const message = 'Updated Node Allocatable limit across pods';
      events.event(node, 'Normal', 'NodeAllocatableEnforced', message);
    } catch (error) {
      const message = `Failed to update Node Allocatable Limits ${JSON.stringify([cgroup])}: ${errorText(error)}`;
      events.event(node, 'Warning', 'FailedNodeAllocatableEnforcement', message);
    }
  });
  rounds.start(0);
  return () => rounds.stop();
}

async function setLimits({ cgroup, limits }: PodsLimitParts): Promise<void> {
  const { cpu, memory, pid } = limits;
  const memoryBytes = memory === undefined ? -1 : quantityValue(memory);
  await ensureCgroup(cgroup, {
    ...(cpu === undefined ? {} : { cpuShares: cpuShares(quantityMilliValue(cpu)) }),
    memoryBytes,
    ...(pid === undefined ? {} : { pids: quantityValue(pid) }),
  });
  const now = await memoryLimitBytes(cgroup);
  if (memoryBytes >= 0 && (now ?? Number.POSITIVE_INFINITY) > memoryBytes) {
    throw new Error(`the pods use more than ${memory} of memory`);
  }
}
