/** Checks of one field, as field errors: by a rule, by a list of values, by its old value. */

import { deepEqual } from '../schema/deep-equal.ts';
import { type FieldError, invalidValue, notSupported, required } from './field-error.ts';
import { dns1123Subdomain, fieldIsImmutable, mustBeNonNegative, portName, portNumber } from './validators.ts';

/**
 * One `Invalid value` for each problem that `rule` finds. An absent text counts as empty: whether the field
 * is required is in the schema.
 */
export function checkField(
  field: string,
  value: string | undefined,
  rule: (value: string) => string[],
): FieldError[] {
  const text = value ?? '';
  const wrong = rule(text);
  return wrong.length === 0 ? [] : wrong.map((detail) => invalidValue(field, text, detail));
}

/** `example.com/controller`: a domain, and a path. */
export function checkDomainPrefixedPath(field: string, value: string): FieldError[] {
  if (value === '') return [required(field)];
  const slash = value.indexOf('/');
  const [domain, path] = [value.slice(0, Math.max(slash, 0)), value.slice(slash + 1)];
  if (slash < 0 || domain === '' || path === '') {
    return [invalidValue(field, value, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  }
  const errors = dns1123Subdomain(domain).map((text) => invalidValue(field, domain, text));
  if (!/^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(path)) {
    errors.push(
      invalidValue(
        field,
        path,
        "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')",
      ),
    );
  }
  return errors;
}

export function checkNonNegative(field: string, value: number | undefined): FieldError[] {
  return value !== undefined && value < 0 ? [invalidValue(field, value, mustBeNonNegative)] : [];
}

export function checkPortNumberOrName(field: string, value: number | string | undefined): FieldError[] {
  return typeof value === 'string' ? checkField(field, value, portName) : checkPort(field, value ?? 0);
}

export function checkPort(field: string, port: number): FieldError[] {
  return portNumber(port).map((text) => invalidValue(field, port, text));
}

/** `type`: as `deepEqual` takes it. */
export function checkImmutable(field: string, value: unknown, old: unknown, type?: string): FieldError[] {
  return deepEqual(value, old, type) ? [] : [invalidValue(field, value, fieldIsImmutable)];
}

/** Required when empty, unsupported when not in `supported`, which the message lists in that order. */
export function checkOneOf(
  field: string,
  value: string | undefined,
  supported: readonly string[],
): FieldError[] {
  if (!value) return [required(field)];
  return supported.includes(value) ? [] : [notSupported(field, value, supported)];
}

/** As `checkOneOf`, for an optional field. An empty text is not absent. */
export function checkOneOfIfGiven(
  field: string,
  value: string | undefined,
  supported: readonly string[],
): FieldError[] {
  return value === undefined || supported.includes(value) ? [] : [notSupported(field, value, supported)];
}
