/** Validates x-kubernetes-validations of a schema, without compiling the expressions. */

import type { JSONSchemaProps, ValidationRule } from '../../generated/types.gen.ts';
import { type FieldError, invalidValue, notSupported, required } from '../../validation/field-error.ts';
import { findField } from '../field-path.ts';

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];

export function validateRules(schema: JSONSchemaProps, path: string): FieldError[] {
  const rules = schema['x-kubernetes-validations'] ?? [];
  return rules.flatMap((rule, i) => ofRule(rule, schema, `${path}.x-kubernetes-validations[${i}]`));
}

function ofRule(rule: ValidationRule, schema: JSONSchemaProps, path: string): FieldError[] {
  const { message = '', messageExpression = '', reason, fieldPath = '' } = rule;
  const errors = ofText(rule.rule ?? '', message, path);
  if (messageExpression !== '' && messageExpression.trim() === '') {
    errors.push(required(`${path}.messageExpression`, 'messageExpression must be non-empty if specified'));
  }
  if (reason !== undefined && !reasons.includes(reason)) {
    errors.push(notSupported(`${path}.reason`, reason, reasons));
  }
  const say = (text: string) => errors.push(invalidValue(`${path}.fieldPath`, fieldPath, text));
  if (fieldPath !== '' && fieldPath.trim() === '') say('must be non-empty if specified');
  if (hasNewline(fieldPath)) say('must not contain line breaks');
  if (fieldPath !== '' && typeof findField(fieldPath, schema) === 'string') say('must be a valid path');
  return errors;
}

function ofText(rule: string, message: string, path: string): FieldError[] {
  const shown = message.trim();
  if (rule.trim() === '') return [required(`${path}.rule`, 'rule is not specified')];
  if (message !== '' && shown === '') {
    return [invalidValue(`${path}.message`, message, 'must be non-empty if specified')];
  }
  if (hasNewline(shown)) return [invalidValue(`${path}.message`, message, 'must not contain line breaks')];
  if (!hasNewline(rule.trim()) || shown !== '') return [];
  return [required(`${path}.message`, 'message must be specified if rule contains line breaks')];
}

function hasNewline(text: string): boolean {
  return /[\n\r]/.test(text);
}
