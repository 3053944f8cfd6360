/** Lease: its holder, and since when. */

import { leases } from '../../generated/kinds.gen.ts';
import type { Lease } from '../../generated/types.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { checkNonNegative } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue } from '../../validation/field-error.ts';

export const lease = defineKind(leases, {
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  hasGeneration: false,
  takesPlainFinalizers: true,
  prepareForCreate: dropElectionFields,
  prepareForUpdate: dropElectionFields,
  validate({ spec }): FieldError[] {
    const errors: FieldError[] = [];
    const seconds = spec?.leaseDurationSeconds;
    if (seconds !== undefined && seconds <= 0) {
      errors.push(invalidValue('spec.leaseDurationSeconds', seconds, 'must be greater than 0'));
    }
    return [...errors, ...checkNonNegative('spec.leaseTransitions', spec?.leaseTransitions)];
  },
  printer: {
    columns: [nameColumn, column('Holder'), ageColumn],
    cells: (lease, now) => [nameOf(lease), lease.spec?.holderIdentity ?? '', ageOf(lease, now)],
  },
});

/** Coordinated leader election is off by default, so its fields are dropped. */
function dropElectionFields({ spec }: Lease): void {
  delete spec?.strategy;
  delete spec?.preferredHolder;
}
