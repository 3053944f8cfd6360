/** ServiceCIDR: a range that cluster IPs come from. */

import { serviceCIDRs } from '../../generated/kinds.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { dropStatus, keepStatus } from '../../kind/status-handling.ts';
import { storedBut } from '../../kind/unbuilt.ts';

export const serviceCidr = defineKind(serviceCIDRs, {
  prepareForCreate: dropStatus,
  prepareForUpdate: keepStatus,
  keptByStatus: ['labels', 'annotations', 'finalizers', 'ownerReferences'],
  unbuilt: storedBut('gives cluster IPs only from the range it was started with'),
  printer: {
    columns: [nameColumn, column('CIDRs'), ageColumn],
    cells: (one, nowMs) => [nameOf(one), (one.spec?.cidrs ?? []).join(','), ageOf(one, nowMs)],
  },
});
