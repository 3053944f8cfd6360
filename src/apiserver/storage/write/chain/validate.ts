/**
 * Validates the object by the rules of its kind: throws 422 with all field errors, and sends the kind's warnings.
 */

import { invalid } from '#api/meta/status.ts';
import { boundedErrors, type FieldError } from '#api/validation/field-error.ts';
import { ownValue } from '#base/own-value.ts';
import { inTurns } from '#base/turns.ts';
import { withinLimits } from '../../../codec/decode/parse-body.ts';
import type { StorageHooks } from '../../../contract/storage-hooks.ts';
import type { ObjectWrite, Write } from '../write.ts';
import { judgedWrite } from './judge.ts';

export function validateAhead(write: ObjectWrite): Promise<void> | undefined {
  const { parts, served, subresource, object, old } = write;
  const steps = subresource === '' ? served.strategy.validateAhead?.(object, old) : undefined;
  return steps && inTurns(parts.env.clock, steps);
}

export function validate(write: ObjectWrite): Promise<void> | undefined {
  const invalid = withinLimits(() => boundedErrors(() => errorsOf(write)));
  const permit = permitOf(write);
  if (permit) {
    return permit(judgedWrite(write), invalid).then((errors) => {
      refuse(write, errors);
      warn(write);
    });
  }
  refuse(write, invalid);
  warn(write);
  return undefined;
}

function permitOf({ served: { hooks }, subresource }: ObjectWrite): StorageHooks['permit'] {
  if (subresource === '') return hooks?.permit;
  return subresource === 'status' ? hooks?.permitStatus : undefined;
}

function refuse({ served, object }: ObjectWrite, errors: readonly FieldError[]): void {
  // Upstream's internal Event has the group in which events are stored.
  const kind = served.conversion?.storedAs ?? served.def;
  if (errors.length > 0) throw invalid(kind, object.metadata?.name ?? '', errors);
}

function warn(write: ObjectWrite): void {
  const { served, object, old } = write;
  for (const text of served.strategy.warnings?.(object, old) ?? []) write.warn(text);
}

function errorsOf({ served, operation, subresource, object, old }: ObjectWrite): FieldError[] {
  const { strategy } = served;
  if (operation === 'CREATE') return strategy.validate?.(object) ?? [];
  if (subresource === 'status') return strategy.validateStatusUpdate?.(object, old!) ?? [];
  if (subresource !== '') {
    const validate = ownValue(strategy.subresources ?? {}, subresource)?.validateUpdate;
    if (validate) return validate(object, old!);
  }
  return strategy.validateUpdate?.(object, old!) ?? [];
}

/** By the rules of the handler that answers the object. */
export function validateUnstored(write: Write): Promise<void> | void {
  return write.check?.();
}
