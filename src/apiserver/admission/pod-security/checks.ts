/** What is wrong with a pod by one of the Pod Security Standards, in upstream's words and order. */

import type { Pod } from '#api/generated/types.gen.ts';
import { baselineOnly, common } from './baseline.ts';
import type { Violation } from './check.ts';
import { restrictedOnly } from './restricted.ts';

export type Level = 'privileged' | 'baseline' | 'restricted';

export function violations(level: Level, pod: Pod): Violation[] {
  if (level === 'privileged' || !pod.spec) return [];
  const checks = level === 'baseline' ? [...common, ...baselineOnly] : [...common, ...restrictedOnly];
  return checks.flatMap((check) => check(pod.spec!, pod) ?? []);
}
