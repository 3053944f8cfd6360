/** Lease: who holds what, and since when. */

import type { Lease } from '../../generated/types.gen.ts';
import { checkNonNegative } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue } from '../../validation/field-error.ts';
import type { Strategy } from '../shared/strategy.ts';

/** Coordinated leader election is off unless it is asked for, and so its fields are not there. */
function dropElectionFields({ spec }: Lease): void {
  delete spec?.strategy;
  delete spec?.preferredHolder;
}

export const lease: Strategy<Lease> = {
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  hasGeneration: false,
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
};
