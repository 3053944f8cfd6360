/**
 * Validation of a custom object without its metadata: schema, embedded objects, lists with unique items, scale, and
 * the CEL rules of x-kubernetes-validations.
 */

import { lazily } from '#base/lazily.ts';
import type { CustomResourceDefinitionVersion } from '../generated/types.gen.ts';
import type { AnyObject } from '../meta/object.ts';
import {
  type FieldError,
  type FieldErrorType,
  fieldErrorMessage,
  invalidValue,
} from '../validation/field-error.ts';
import { validateEmbedded } from './embedded-objects.ts';
import { validateListTypes } from './list-types.ts';
import { rulesOf } from './rules/run-rules.ts';
import { type ScalePaths, scaleSpecErrors, scaleStatusErrors } from './scale.ts';
import type { StructuralSchema } from './structural-schema.ts';
import { schemaValidator } from './validate/schema-validator.ts';

export interface ObjectValidation {
  create(object: AnyObject): FieldError[];
  update(object: AnyObject, old: AnyObject): FieldError[];
  updateStatus(object: AnyObject, old: AnyObject): FieldError[];
  /** Messages of rules that unchanged values violate; after `object` has been validated. */
  warnings(object: AnyObject): string[];
}

export function objectValidation(
  version: CustomResourceDefinitionVersion,
  structureOf: () => StructuralSchema,
  scale: ScalePaths | undefined,
): ObjectValidation {
  const schema = version.schema?.openAPIV3Schema ?? {};
  const ofObject = lazily(() => schemaValidator(schema));
  const statusSchema = schema.properties?.['status'];
  const ofStatus = lazily(() => schemaValidator(statusSchema ?? {}));
  const ofScale = (object: AnyObject) =>
    scale ? [...scaleSpecErrors(object, scale), ...scaleStatusErrors(object, scale)] : [];
  const lists = (object: AnyObject) => validateListTypes(object, structureOf());
  const rules = lazily(() => rulesOf(structureOf()));
  const ignored = new WeakMap<AnyObject, string[]>();
  const withRules = (errors: FieldError[], object: AnyObject, old?: AnyObject): FieldError[] => {
    const found = rules();
    if (!found) return errors;
    const unchecked = uncheckedRules(errors);
    if (unchecked.length > 0) return [...errors, ...unchecked];
    const result = found.run(object, old);
    if (result.warnings.length > 0) ignored.set(object, result.warnings.map(fieldErrorMessage));
    return [...errors, ...result.errors];
  };
  return {
    warnings: (object) => ignored.get(object) ?? [],
    create: (object) =>
      withRules(
        [
          ...ofObject().validate(object),
          ...ofScale(object),
          ...validateEmbedded(object, structureOf()),
          ...lists(object),
        ],
        object,
      ),
    update(object, old) {
      const errors = [
        ...ofObject().validateUpdate(object, old),
        ...ofScale(object),
        ...validateEmbedded(object, structureOf()),
      ];
      // Lists that were invalid before may stay so.
      if (lists(old).length === 0) errors.push(...lists(object));
      return withRules(errors, object, old);
    },
    updateStatus(object, old) {
      const errors: FieldError[] = [];
      if (statusSchema && Object.hasOwn(object, 'status')) {
        errors.push(...ofStatus().validateUpdate(object['status'], old['status'], 'status'));
      }
      if (scale) errors.push(...scaleStatusErrors(object, scale));
      const wrong = lists(object);
      if (wrong.length > 0 && lists(old).length === 0) errors.push(...wrong);
      return withRules(errors, object, old);
    },
  };
}

const blocking: ReadonlySet<FieldErrorType> = new Set<FieldErrorType>([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

/** CEL rules do not run on an object with such errors: an error says so. */
function uncheckedRules(errors: readonly FieldError[]): FieldError[] {
  if (!errors.some(({ type }) => blocking.has(type))) return [];
  const text =
    'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';
  return [invalidValue('<nil>', undefined, text)];
}
