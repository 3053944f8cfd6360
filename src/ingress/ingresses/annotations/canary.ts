/** `canary` and what decides which requests it gets: a header, a cookie, a weight, in this order. */

import type { Canary, PolicyPart } from './policy.ts';
import type { AnnotationReader } from './reader.ts';
import { isToken } from './token.ts';

const usualTotal = 100;

export function canary(read: AnnotationReader): PolicyPart {
  if (!read.flag('canary')) return {};
  const weightTotal = read.count('canary-weight-total', 1_000_000) ?? usualTotal;
  if (weightTotal === 0) throw read.bad('canary-weight-total', 'must not be 0');
  const weight = read.count('canary-weight') ?? 0;
  return { canary: { ...namesOf(read), weight: Math.min(weight, weightTotal), weightTotal } };
}

function namesOf(read: AnnotationReader): Omit<Canary, 'weight' | 'weightTotal'> {
  const header = read.text('canary-by-header');
  const headerValue = read.text('canary-by-header-value');
  const headerPattern = read.text('canary-by-header-pattern');
  const cookie = read.text('canary-by-cookie');
  if (header !== undefined && !isToken(header)) {
    throw read.bad('canary-by-header', 'must be the name of a header');
  }
  if (cookie !== undefined && !isToken(cookie)) {
    throw read.bad('canary-by-cookie', 'must be the name of a cookie');
  }
  return {
    ...(header === undefined ? {} : { header }),
    ...(headerValue === undefined ? {} : { headerValue }),
    ...(headerPattern === undefined ? {} : { headerPattern }),
    ...(cookie === undefined ? {} : { cookie }),
  };
}
