/** IPAddress: that an address of a service range is taken, and by what. */

import { ipAddresses } from '../../generated/kinds.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { storedBut } from '../../kind/unbuilt.ts';
import { pathSegmentName } from '../../validation/validators.ts';

export const ipAddress = defineKind(ipAddresses, {
  nameRule: pathSegmentName,
  unbuilt: storedBut('does not heed it when it gives cluster IPs'),
  printer: {
    columns: [nameColumn, column('ParentRef'), ageColumn],
    cells: (one, nowMs) => {
      const { group, resource, namespace, name } = one.spec?.parentRef ?? { resource: '', name: '' };
      const parent = [group ? `${resource}.${group}` : resource, namespace, name].filter(Boolean).join('/');
      return [nameOf(one), parent, ageOf(one, nowMs)];
    },
  },
});
