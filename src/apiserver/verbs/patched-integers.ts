/**
 * Integers that a patch writes as `1.0` or `1e2`: Go reads no integer from them. The patch itself is looked
 * at, since its outcome does not say which numbers came from it.
 */

import { decodeInto } from '#api/schema/decode.ts';
import { DecodeError } from '#api/schema/decode-error.ts';
import { copyJson } from '#base/copy-json.ts';
import { isIntegerText, mayHaveOddNumbers, type OddText } from '#wire/json/odd-numbers.ts';
import { isJsonObject } from '#wire/json/value.ts';
import type { ExpectedKind } from '../codec/decode/check-kind.ts';

/** Why the patch, of the type JSON or merge, cannot be read as `expected`; undefined for other reasons. */
export function fractionProblem(
  body: Uint8Array,
  patch: unknown,
  oddText: OddText,
  { schema, type }: ExpectedKind,
): string | undefined {
  if (!mayHaveOddNumbers(body)) return undefined;
  for (const part of Array.isArray(patch) ? patch.map(partOf) : [patch]) {
    if (!isJsonObject(part)) continue;
    try {
      decodeInto(schema, type, copyJson(part), { oddText });
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      const found = error.wrongType?.found;
      const written = typeof found === 'number' ? oddText(found) : undefined;
      if (written !== undefined && !isIntegerText(written)) return error.message;
    }
  }
  return undefined;
}

/** An operation's value where its path puts it, in an object that has nothing else. */
function partOf(operation: unknown): unknown {
  if (!isJsonObject(operation) || typeof operation['path'] !== 'string') return undefined;
  const steps = operation['path'].split('/').slice(1);
  return steps.reduceRight((value, step) => {
    if (/^(?:\d+|-)$/.test(step)) return [value];
    return { [step.replaceAll('~1', '/').replaceAll('~0', '~')]: value };
  }, operation['value']);
}
