/** Lease: who holds what, and since when. */

import { checkNonNegative } from '../field-checks.ts';
import { type FieldError, invalidValue } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import type { Lease } from '../types.gen.ts';

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
