/**
 * SchedulingGates: a pod with scheduling gates is not scheduled until all of them are removed.
 * Reads spec.schedulingGates. As upstream, the API server writes the SchedulingGated condition.
 */

import { definePlugin, Rejection } from '../framework.ts';

const name = 'SchedulingGates';

export const schedulingGates = definePlugin({
  name,
  preEnqueue(pod) {
    const gates = pod.pod.spec?.schedulingGates ?? [];
    if (gates.length === 0) return undefined;
    const names = gates.map((gate) => gate.name).join(' ');
    return new Rejection(name, [`waiting for scheduling gates: [${names}]`], true);
  },
});
