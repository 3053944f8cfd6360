/**
 * Validation of a value by an OpenAPI schema, in kube-openapi's order and with its messages. A schema is compiled
 * once into functions. Values that equal their old value are not reported.
 */

import { equalJson } from '#wire/json/canonical.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import type { JSONSchemaProps } from '../../generated/types.gen.ts';
import type { FieldError } from '../../validation/field-error.ts';
import { isSchema } from '../structural-schema.ts';
import { alternatives } from './alternatives.ts';
import type { Check } from './check.ts';
import { isKnownFormat } from './formats.ts';
import { numberCheck } from './numbers.ts';
import { correlatedItems, fieldOf, type Old } from './old-values.ts';
import {
  enumProblem,
  fieldErrorsOf,
  problem,
  Result,
  requiredProblem,
  tooManyProblem,
  typeProblem,
} from './result.ts';
import { stringCheck } from './string-check.ts';

export interface SchemaValidator {
  /** `prefix`: the path of `value` in its object. */
  validate(value: unknown, prefix?: string): FieldError[];
  validateUpdate(value: unknown, old: unknown, prefix?: string): FieldError[];
}

export function schemaValidator(schema: JSONSchemaProps): SchemaValidator {
  const check = checkOf(schema);
  const run = (value: unknown, prefix: string, old?: Old) => {
    const result = new Result();
    check(value, '', result, old);
    return result.isValid ? [] : fieldErrorsOf(result, prefix);
  };
  return {
    validate: (value, prefix = '') => run(value, prefix),
    validateUpdate: (value, old, prefix = '') =>
      run(value, prefix, old === undefined ? undefined : { value: old }),
  };
}

const compiled = new WeakMap<JSONSchemaProps, Check>();

/** Cached, since schemas do not change: nested defaults validate by the same schemas again and again. */
function checkOf(schema: JSONSchemaProps): Check {
  let check = compiled.get(schema);
  if (!check) {
    check = compile(schema);
    compiled.set(schema, check);
  }
  return check;
}

function compile(schema: JSONSchemaProps): Check {
  const types = typesOf(schema);
  const parts = [
    types.length > 0 ? typeCheck(types, schema) : undefined,
    alternatives(schema, checkOf),
    stringCheck(schema),
    numberCheck(schema),
    listCheck(schema),
    enumCheck(schema),
    fieldsCheck(schema),
  ];
  const [ofType] = parts;
  const ofEnum = parts[5];
  const all = parts.filter((part) => part !== undefined);
  return (value, path, out, old) => {
    out.spend(1);
    const before = out.problems.length;
    // A null is checked only by type and enum.
    if (value === null) {
      ofType?.(value, path, out);
      ofEnum?.(value, path, out);
    } else {
      for (const part of all) part(value, path, out, old);
      out.matches += matchesOf(value);
    }
    if (out.problems.length > before && old && equalJson(value, old.value)) out.cut(before);
  };
}

/** How many of kube-openapi's validators apply to a value of this type, besides those that count themselves. */
function matchesOf(value: unknown): number {
  const ofEveryValue = 5;
  if (typeof value === 'string' || Array.isArray(value)) return ofEveryValue + 1;
  return typeof value === 'number' || typeof value === 'bigint' ? ofEveryValue + 2 : ofEveryValue;
}

function typesOf(schema: JSONSchemaProps): string[] {
  if (schema['x-kubernetes-int-or-string']) return ['integer', 'string'];
  return schema.type ? [schema.type] : [];
}

function typeCheck(types: readonly string[], { nullable, format = '' }: JSONSchemaProps): Check {
  const wanted = types.join(',');
  const hasFormat = isKnownFormat(format, types.length === 1 ? types[0]! : '');
  const isNumeric = types.includes('number') || types.includes('integer');
  return (value, path, out) => {
    if (value === null) {
      if (!nullable) out.add(typeProblem(path, wanted, 'null'));
      return;
    }
    // As upstream: the type of a string with a known format is checked by the format.
    if (hasFormat && !isNumeric && (typeof value === 'string' || Array.isArray(value))) {
      out.matches += 1;
      return;
    }
    const found = typeOf(value);
    const isMet = types.includes(found) || (found === 'integer' && types.includes('number'));
    if (isMet) out.matches += 1;
    else out.add(typeProblem(path, wanted, found));
  };
}

/** An integer of more bits is one of Go's doubles. */
function isInt64(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < 2 ** 63;
}

function typeOf(value: unknown): string {
  if (typeof value === 'number') return isInt64(value) ? 'integer' : 'number';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'bigint' ? 'integer' : typeof value;
}

function listCheck(schema: JSONSchemaProps): Check | undefined {
  const { minItems, maxItems, uniqueItems } = schema;
  const item = isSchema(schema.items) ? checkOf(schema.items) : undefined;
  if (!item && minItems === undefined && maxItems === undefined && !uniqueItems) return undefined;
  return (value, path, out, old) => {
    if (!Array.isArray(value)) return;
    if (item) {
      const oldOf = old && correlatedItems(schema, value, old);
      for (let i = 0; i < value.length; i++) item(value[i], `${path}[${i}]`, out, oldOf?.(i));
    }
    if (minItems !== undefined && value.length < minItems) {
      out.add(problem(path, `${path} in body should have at least ${minItems} items`, value.length));
    }
    if (maxItems !== undefined && value.length > maxItems) {
      out.add(tooManyProblem(path, 'items', value.length, maxItems));
    }
    if (uniqueItems && new Set(value.map((each) => JSON.stringify(each))).size < value.length) {
      out.add(problem(path, `${path} in body shouldn't contain duplicates`));
    }
    out.matches += 1;
  };
}

function enumCheck({ enum: allowed }: JSONSchemaProps): Check | undefined {
  if (!allowed || allowed.length === 0) return undefined;
  const values = new Set(allowed);
  const composite = allowed.filter((each) => typeof each === 'object' && each !== null);
  const isAllowed = (value: unknown, out: Result) => {
    if (value === null || values.has(value)) return value !== null;
    if (typeof value !== 'object') return false;
    out.spend(composite.length / 4);
    return composite.some((each) => equalJson(each, value));
  };
  return (value, path, out) => {
    if (isAllowed(value, out)) return;
    // The message lists all allowed values.
    out.spend(allowed.length / 4);
    out.add(enumProblem(path, value, allowed));
  };
}

function fieldsCheck(schema: JSONSchemaProps): Check | undefined {
  const { minProperties, maxProperties, required: needed = [], additionalProperties } = schema;
  const properties = new Map(
    Object.entries(schema.properties ?? {}).map(([name, below], at) => [
      name,
      { name, check: checkOf(below), at },
    ]),
  );
  const additional = isSchema(additionalProperties) ? checkOf(additionalProperties) : undefined;
  const hasCount = minProperties !== undefined || maxProperties !== undefined;
  if (
    properties.size === 0 &&
    !additional &&
    needed.length === 0 &&
    !hasCount &&
    additionalProperties !== false
  ) {
    return undefined;
  }
  return (value, path, out, old) => {
    if (!isJsonObject(value)) return;
    if (hasCount) checkCount(schema, value, path, out);
    const given: { readonly name: string; readonly check: Check; readonly at: number }[] = [];
    for (const name in value) {
      const property = properties.get(name);
      if (property) {
        given.push(property);
        continue;
      }
      if (additionalProperties === false) {
        out.add(problem(path, `${path}.${name} in body is a forbidden property`, name));
      }
      additional?.(value[name], `${path}.${name}`, out, old && fieldOf(old, name));
    }
    if (given.length > 1) given.sort((a, b) => a.at - b.at);
    for (const { name, check } of given) {
      const isTypeField = path === '' && (name === 'kind' || name === 'apiVersion');
      const oldField = old && !isTypeField ? fieldOf(old, name) : undefined;
      check(value[name], path === '' ? name : `${path}.${name}`, out, oldField);
    }
    out.spend(needed.length / 10);
    for (const name of needed) {
      if (!Object.hasOwn(value, name)) out.add(requiredProblem(`${path}.${name}`));
    }
  };
}

function checkCount(
  { minProperties, maxProperties }: JSONSchemaProps,
  value: JsonObject,
  path: string,
  out: Result,
): void {
  const count = Object.keys(value).length;
  if (minProperties !== undefined && count < minProperties) {
    out.add(problem(path, `${path} in body should have at least ${minProperties} properties`, count));
  }
  if (maxProperties !== undefined && count > maxProperties) {
    out.add(tooManyProblem(path, 'properties', count, maxProperties));
  }
}
