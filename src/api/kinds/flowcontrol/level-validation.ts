/** Which PriorityLevelConfigurations are valid, with upstream's field errors. */

import type {
  LimitedPriorityLevelConfiguration,
  LimitResponse,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  QueuingConfiguration,
} from '../../generated/types.gen.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field-error.ts';
import { catchAllLevel } from './default-objects.ts';
import { checkConditions } from './flow-schema-validation.ts';
import { levelSpecText } from './internal-spec.ts';

const zeroSharesAnnotation = 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares';
const queuesMax = 10_000_000;
/** Of the hash of a flow, without its uneven highest ones. */
export const hashBits = 60;

export function validateLevel({ metadata, spec, status }: PriorityLevelConfiguration): FieldError[] {
  const name = metadata?.name ?? '';
  const errors: FieldError[] = [];
  if (metadata?.annotations?.[zeroSharesAnnotation] !== undefined) {
    errors.push(forbiddenField('metadata.annotations', `annotation '${zeroSharesAnnotation}' is forbidden`));
  }
  errors.push(...checkSpec(name, spec ?? { type: '' }), ...checkFixed(name, spec));
  return [...errors, ...checkConditions(status)];
}

/** Of `exempt` the shares may be changed, of `catch-all` nothing. */
function checkFixed(name: string, spec: PriorityLevelConfigurationSpec | undefined): FieldError[] {
  const wrong = (text: string) => [invalidValue('spec', levelSpecText(spec), text)];
  if (name === 'exempt' && (spec?.type !== 'Exempt' || spec.limited)) {
    return wrong("spec of 'exempt' except the 'spec.exempt' field must equal the fixed value");
  }
  if (name === 'catch-all' && !deepEqual(spec, catchAllLevel.spec)) {
    return wrong("spec of 'catch-all' must equal the fixed value");
  }
  return [];
}

function checkSpec(name: string, spec: PriorityLevelConfigurationSpec): FieldError[] {
  const { type, limited, exempt } = spec;
  const errors: FieldError[] = [];
  if ((name === 'exempt') !== (type === 'Exempt')) {
    errors.push(invalidValue('spec.type', type ?? '', "must be 'Exempt' if and only if `name` is 'exempt'"));
  }
  if (type === 'Exempt') {
    if (limited) errors.push(forbiddenField('spec.limited', 'must be nil if the type is not Limited'));
    if (exempt) errors.push(...checkShares(exempt, 'spec.exempt'), ...checkLendable(exempt, 'spec.exempt'));
  } else if (type === 'Limited') {
    if (exempt) errors.push(forbiddenField('spec.exempt', 'must be nil if the type is Limited'));
    if (limited) errors.push(...checkLimited(limited));
    else errors.push(required('spec.limited', 'must not be empty when type is Limited'));
  } else if (!type) errors.push(required('spec.type'));
  else errors.push(notSupported('spec.type', type, ['Exempt', 'Limited']));
  return errors;
}

interface Shares {
  readonly nominalConcurrencyShares?: number;
  readonly lendablePercent?: number;
}

function checkShares({ nominalConcurrencyShares: shares = 0 }: Shares, at: string): FieldError[] {
  const text = 'must be a non-negative integer';
  return shares < 0 ? [invalidValue(`${at}.nominalConcurrencyShares`, shares, text)] : [];
}

function checkLendable({ lendablePercent: percent = 0 }: Shares, at: string): FieldError[] {
  const isValid = percent >= 0 && percent <= 100;
  return isValid
    ? []
    : [invalidValue(`${at}.lendablePercent`, percent, 'must be between 0 and 100, inclusive')];
}

function checkLimited(limited: LimitedPriorityLevelConfiguration): FieldError[] {
  const at = 'spec.limited';
  const borrowing = limited.borrowingLimitPercent ?? 0;
  const errors = [
    ...checkShares(limited, at),
    ...checkResponse(limited.limitResponse ?? { type: '' }, `${at}.limitResponse`),
    ...checkLendable(limited, at),
  ];
  if (borrowing >= 0) return errors;
  const text = 'if specified, must be a non-negative integer';
  return [...errors, invalidValue(`${at}.borrowingLimitPercent`, borrowing, text)];
}

function checkResponse({ type, queuing }: LimitResponse, at: string): FieldError[] {
  if (type === 'Reject') {
    const text = 'must be nil if limited.limitResponse.type is not Limited';
    return queuing ? [forbiddenField(`${at}.queuing`, text)] : [];
  }
  if (type === 'Queue') {
    if (queuing) return checkQueuing(queuing, `${at}.queuing`);
    return [required(`${at}.queuing`, 'must not be empty if limited.limitResponse.type is Limited')];
  }
  return type ? [notSupported(`${at}.type`, type, ['Queue', 'Reject'])] : [required(`${at}.type`)];
}

function checkQueuing(
  { queues = 0, handSize = 0, queueLengthLimit = 0 }: QueuingConfiguration,
  at: string,
): FieldError[] {
  const positive = (name: string, value: number) =>
    value <= 0 ? [invalidValue(`${at}.${name}`, value, 'must be positive')] : [];
  const errors = [...positive('queueLengthLimit', queueLengthLimit), ...positive('queues', queues)];
  if (queues > queuesMax) {
    errors.push(invalidValue(`${at}.queues`, queues, `must not be greater than ${queuesMax}`));
  }
  if (handSize <= 0) return [...errors, ...positive('handSize', handSize)];
  const wrongHand = (text: string) => [...errors, invalidValue(`${at}.handSize`, handSize, text)];
  if (handSize > queues) return wrongHand(`should not be greater than queues (${queues})`);
  if (entropyBits(queues, handSize) <= hashBits) return errors;
  return wrongHand(
    `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${hashBits}`,
  );
}

/** How many bits of a hash it takes to deal a hand. */
export function entropyBits(deckSize: number, handSize: number): number {
  return Math.ceil(Math.log2(deckSize) * handSize);
}
