/**
 * SchedulingGates: a pod with gates is not looked at until all of them are gone.
 * Reads spec.schedulingGates. Follows upstream: the API server writes the SchedulingGated condition.
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
