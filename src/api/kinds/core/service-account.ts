/** ServiceAccount: an identity for pods. */

import { serviceAccounts } from '../../generated/kinds.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, nameColumn } from '../../kind/printer.ts';

/** Only the metadata is validated. */
export const serviceAccount = defineKind(serviceAccounts, {
  hasGeneration: false,
  printer: {
    columns: [nameColumn, ageColumn],
    cells: (account, nowMs) => [nameOf(account), ageOf(account, nowMs)],
  },
});
