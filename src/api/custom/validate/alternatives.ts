/** `anyOf`, `oneOf`, `allOf` and `not`: if all schemas fail, the problems of the best match are reported. */

import type { JSONSchemaProps } from '../../generated/types.gen.ts';
import type { Check } from './check.ts';
import type { Old } from './old-values.ts';
import { pathlessProblem, Result } from './result.ts';

export function alternatives(
  { anyOf, oneOf, allOf, not }: JSONSchemaProps,
  checkOf: (schema: JSONSchemaProps) => Check,
): Check | undefined {
  if (!anyOf && !oneOf && !allOf && !not) return undefined;
  const any = (anyOf ?? []).map(checkOf);
  const exclusive = (oneOf ?? []).map(checkOf);
  const all = (allOf ?? []).map(checkOf);
  const none = not && checkOf(not);
  return (value, path, out, old) => {
    if (any.length > 0) checkAny(any, value, path, out, old);
    if (exclusive.length > 0) checkOne(exclusive, value, path, out, old);
    if (all.length > 0) checkAll(all, value, path, out, old);
    if (none && resultOf(none, value, path, out, old).isValid) {
      out.add(pathlessProblem(`${JSON.stringify(path)} must not validate the schema (not)`));
    }
    out.matches += 1;
  };
}

function resultOf(check: Check, value: unknown, path: string, out: Result, old: Old | undefined): Result {
  const result = new Result(out);
  check(value, path, result, old);
  return result;
}

type CheckSome = (
  checks: readonly Check[],
  value: unknown,
  path: string,
  out: Result,
  old: Old | undefined,
) => void;

const checkAny: CheckSome = (checks, value, path, out, old) => {
  let best: Result | undefined;
  for (const check of checks) {
    const result = resultOf(check, value, path, out, old);
    if (result.isValid) {
      out.merge(result);
      return;
    }
    if (!best || result.matches > best.matches) best = result;
  }
  out.add(pathlessProblem(`${JSON.stringify(path)} must validate at least one schema (anyOf)`));
  if (best) out.merge(best);
};

const checkOne: CheckSome = (checks, value, path, out, old) => {
  const results = checks.map((check) => resultOf(check, value, path, out, old));
  const valid = results.filter(({ isValid }) => isValid);
  if (valid.length === 1) {
    out.merge(valid[0]!);
    return;
  }
  const found = valid.length === 0 ? 'Found none valid' : `Found ${valid.length} valid alternatives`;
  out.add(pathlessProblem(`${JSON.stringify(path)} must validate one and only one schema (oneOf). ${found}`));
  // As upstream: the problems of schemas are reported only if none is valid.
  const failed = valid.length === 0 ? results : [];
  const best = failed.reduce<Result | undefined>(
    (best, result) => (!best || result.matches > best.matches ? result : best),
    undefined,
  );
  if (best) out.merge(best);
};

const checkAll: CheckSome = (checks, value, path, out, old) => {
  let valid = 0;
  for (const check of checks) {
    const result = resultOf(check, value, path, out, old);
    if (result.isValid) valid++;
    out.merge(result);
  }
  if (valid === checks.length) return;
  const found = valid === 0 ? '. None validated' : '';
  out.add(pathlessProblem(`${JSON.stringify(path)} must validate all the schemas (allOf)${found}`));
};
