/** The columns of Pod. */

import { ownValue } from '#base/own-value.ts';
import type { Pod } from '../../generated/types.gen.ts';
import { ageOf, nameOf, none, orNone } from '../../kind/cells.ts';
import {
  ageColumn,
  column,
  nameColumn,
  type Printer,
  type RowCondition,
  wideColumn,
} from '../../kind/printer.ts';
import { isConditionTrue } from '../../meta/conditions.ts';
import { podSummary, restartsText } from './summary.ts';

export const podPrinter: Printer<Pod> = {
  columns: [
    nameColumn,
    column('Ready'),
    column('Status'),
    column('Restarts'),
    ageColumn,
    wideColumn('IP'),
    wideColumn('Node'),
    wideColumn('Nominated Node'),
    wideColumn('Readiness Gates'),
  ],
  cells: (pod, now) => {
    const summary = podSummary(pod);
    return [
      nameOf(pod),
      `${summary.readyContainers}/${summary.totalContainers}`,
      summary.reason,
      restartsText(summary, now),
      ageOf(pod, now),
      orNone(pod.status?.podIPs?.[0]?.ip),
      orNone(pod.spec?.nodeName),
      orNone(pod.status?.nominatedNodeName),
      readinessGates(pod),
    ];
  },
  conditions: endOf,
};

/** The row of a terminated pod is marked as completed. */
function endOf(pod: Pod): readonly RowCondition[] {
  const message = ownValue(endMessages, pod.status?.phase ?? '');
  return message ? [{ type: 'Completed', status: 'True', reason: pod.status!.phase!, message }] : [];
}

const endMessages: Readonly<Record<string, string>> = {
  Succeeded: 'The pod has completed successfully.',
  Failed: 'The pod failed.',
};

function readinessGates(pod: Pod): string {
  const gates = pod.spec?.readinessGates ?? [];
  if (gates.length === 0) return none;
  const open = gates.filter((gate) => isConditionTrue(pod.status, gate.conditionType));
  return `${open.length}/${gates.length}`;
}
