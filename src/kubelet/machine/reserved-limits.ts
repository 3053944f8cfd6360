/**
 * Holds the control groups of the machine's own programs to what is reserved for them. Each must exist: where one
 * cannot be limited the kubelet does not start, as upstream.
 */

import type { ReservedGroup } from '#api/configuration/kubelet/enforcement.ts';
import { errorText } from '#base/text/error-text.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import { limitExisting } from '#host/kernel/cgroups/existing.ts';
import type { CgroupLimits } from '#host/kernel/cgroups/limit-files.ts';
import { cpuShares } from '../decide/resources.ts';

const titles = { system: 'System', kube: 'Kube' } as const;

/** Rejects with what the event says. `limit` writes the limits. */
export async function limitReserved(
  groups: readonly ReservedGroup[],
  { events, nodeName }: { readonly events: EventRecorder; readonly nodeName: string },
  limit: (cgroup: string, limits: CgroupLimits) => Promise<void> = limitExisting,
): Promise<void> {
  const node = { kind: 'Node', name: nodeName, uid: nodeName };
  for (const group of groups) {
    const { owner, cgroup, compressibleOnly } = group;
    try {
      await limit(cgroup, limitsOf(group));
    } catch (error) {
      const what = `${titles[owner]} Reserved${compressibleOnly ? ' Compressible' : ''} Cgroup Limits`;
      const message = `Failed to enforce ${what} on ${JSON.stringify(cgroup)}: ${errorText(error)}`;
      events.event(node, 'Warning', 'FailedNodeAllocatableEnforcement', message);
      await events.flushed();
      throw new Error(message);
    }
    const message = `Updated limits on ${owner} reserved cgroup ${cgroup}`;
    events.event(node, 'Normal', 'NodeAllocatableEnforced', message);
  }
}

function limitsOf({ limits, compressibleOnly }: ReservedGroup): CgroupLimits {
  const [cpu, memory, pid] = [limits.get('cpu'), limits.get('memory'), limits.get('pid')];
  return {
    ...(cpu ? { cpuShares: cpuShares(cpu.milliValue()) } : {}),
    ...(memory && !compressibleOnly ? { memoryBytes: memory.value() } : {}),
    ...(pid && !compressibleOnly ? { pids: pid.value() } : {}),
  };
}
