/** ServiceAccount: an identity for pods. */

import { serviceAccounts } from '../../generated/kinds.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';

/** Only the metadata is validated. */
export const serviceAccount = defineKind(serviceAccounts, {
  hasGeneration: false,
  printer: {
    columns: [nameColumn, column('Secrets', 'integer'), ageColumn],
    cells: (account, nowMs) => [nameOf(account), account.secrets?.length ?? 0, ageOf(account, nowMs)],
  },
});
