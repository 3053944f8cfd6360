/** ServiceAccount: an identity for pods. */

import { serviceAccounts } from '../../generated/kinds.gen.ts';
import type { ServiceAccount } from '../../generated/types.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, nameColumn } from '../../kind/printer.ts';

/** Only the metadata is validated. Of its secrets only the names are kept. */
export const serviceAccount = defineKind(serviceAccounts, {
  hasGeneration: false,
  updateChecks: ['metadataChange', 'metadata', 'change'],
  prepareForCreate: keepSecretNames,
  prepareForUpdate: keepSecretNames,
  printer: {
    columns: [nameColumn, ageColumn],
    cells: (account, now) => [nameOf(account), ageOf(account, now)],
  },
});

function keepSecretNames(account: ServiceAccount): void {
  if (account.secrets) account.secrets = account.secrets.map(({ name }) => (name ? { name } : {}));
}
