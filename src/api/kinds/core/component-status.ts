/** ComponentStatus: the health of a component, computed on each request. */

import { componentStatuses } from '../../generated/kinds.gen.ts';
import { nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { column, nameColumn } from '../../kind/printer.ts';
import { conditionOf } from '../../meta/conditions.ts';

export const componentStatus = defineKind(componentStatuses, {
  printer: {
    columns: [nameColumn, column('Status'), column('Message'), column('Error')],
    cells: (component) => {
      const health = conditionOf(component, 'Healthy');
      const word =
        health?.status === 'True' ? 'Healthy' : health?.status === 'False' ? 'Unhealthy' : 'Unknown';
      return [nameOf(component), word, health?.message ?? '', health?.error ?? ''];
    },
  },
});
