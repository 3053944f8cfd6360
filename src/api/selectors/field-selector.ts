/**
 * Field selectors (`status.phase=Running,spec.nodeName!=a`), with the errors of apimachinery's `fields`
 * package.
 */

import { SelectorError } from './requirement.ts';

export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

export interface FieldSelector {
  readonly requirements: readonly FieldRequirement[];
  readonly matchesEverything: boolean;
  /** An absent value counts as the empty string. */
  matches(fields: Readonly<Record<string, string>>): boolean;
  toString(): string;
}

/** Throws `SelectorError`. Undefined and empty match everything. Terms keep their order. */
export function parseFieldSelector(text: string | undefined): FieldSelector {
  const requirements: FieldRequirement[] = [];
  for (const term of splitUnescaped(text ?? '').sort()) {
    if (term === '') continue;
    const requirement = parseTerm(term, text ?? '');
    if (requirement.field !== '' || requirement.value !== '') requirements.push(requirement);
  }
  return {
    requirements,
    matchesEverything: requirements.length === 0,
    matches(fields) {
      for (const { field, operator, value } of requirements) {
        if (((fields[field] ?? '') === value) !== (operator === '=')) return false;
      }
      return true;
    },
    toString: () =>
      requirements
        .map((requirement) => `${requirement.field}${requirement.operator}${escapeValue(requirement.value)}`)
        .join(','),
  };
}

/** Upstream's text for a field the resource cannot be selected by. */
export function unsupportedFieldMessage(field: string): string {
  return `field label not supported: ${field}`;
}

/** Upstream limits only the size of the request. */
const termsMax = 10_000;

function splitUnescaped(text: string): string[] {
  if (hasTooManyTerms(text)) throw new SelectorError(`the field selector has more than ${termsMax} terms`);
  if (!text.includes('\\')) return text.split(',');
  return text.match(/(?:\\.|[^,\\]+|\\$)+/gs) ?? [];
}

function hasTooManyTerms(text: string): boolean {
  let terms = 1;
  for (let at = text.indexOf(','); at >= 0 && terms <= termsMax; at = text.indexOf(',', at + 1)) terms++;
  return terms > termsMax;
}

function parseTerm(term: string, selector: string): FieldRequirement {
  // A field's name has no escapes: the first operator ends it.
  const match = /^(.*?)(!=|==|=)(.*)$/s.exec(term);
  if (match === null) throw new SelectorError(`invalid selector: '${selector}'; can't understand '${term}'`);
  const [, field = '', operator, value = ''] = match;
  return { field, operator: operator === '!=' ? '!=' : '=', value: unescapeValue(value) };
}

function unescapeValue(value: string): string {
  let plain = '';
  let end = 0;
  for (const { 0: found, 1: escaped, index } of value.matchAll(/\\(.?)|[,=]/gsu)) {
    if (escaped === undefined) {
      throw new SelectorError(`invalid field selector: unescaped character in value: ${found.charCodeAt(0)}`);
    }
    if (escaped !== ',' && escaped !== '=' && escaped !== '\\') {
      throw new SelectorError(`invalid field selector: invalid escape sequence: ${found}`);
    }
    plain += value.slice(end, index) + escaped;
    end = index + found.length;
  }
  return plain + value.slice(end);
}

function escapeValue(value: string): string {
  return value.replace(/[\\,=]/g, (character) => `\\${character}`);
}
