/**
 * The selectors of what is authorized, parsed. What cannot be parsed is left out, which only makes the
 * question broader: an authorizer that allows by a selector does not find it.
 */

import type {
  FieldSelectorRequirement,
  LabelSelectorRequirement,
  ResourceAttributes,
} from '#api/generated/types.gen.ts';
import { type FieldRequirement, parseFieldSelector } from '#api/selectors/field-selector.ts';
import { type Requirement, SelectorError } from '#api/selectors/requirement.ts';
import { parseLabelSelector, requirementOf } from '#api/selectors/selector.ts';
import type { RequestInfo } from '../contract/request-info.ts';

export interface Selectors {
  readonly fieldSelector?: readonly FieldRequirement[];
  readonly labelSelector?: readonly Requirement[];
}

const none: Selectors = {};
const selectingVerbs = new Set(['list', 'watch', 'deletecollection']);

export function selectorsOfRequest({ verb, selectors, isVerbInPath }: RequestInfo): Selectors {
  const { labelText, fieldText } = selectors;
  if (!selectingVerbs.has(verb) || isVerbInPath || (labelText === '' && fieldText === '')) return none;
  const fields = fieldText === '' ? undefined : selectors.fields;
  const labels = labelText === '' ? undefined : selectors.labels;
  return {
    ...(fields && !(fields instanceof SelectorError) ? { fieldSelector: fields.requirements } : {}),
    ...(labels && !(labels instanceof SelectorError) ? { labelSelector: labels.requirements } : {}),
  };
}

interface Parsed {
  readonly selectors: Selectors;
  /** What was left out, in upstream's words. */
  readonly problems: readonly string[];
}

/** Of an access review, whose selectors are texts or lists of requirements. */
export function selectorsOfReview({ fieldSelector, labelSelector }: ResourceAttributes): Parsed {
  const raw = parsed(fieldSelector?.rawSelector ?? '', labelSelector?.rawSelector ?? '');
  const fields = fieldSelector?.requirements?.length
    ? fieldRequirements(fieldSelector.requirements)
    : undefined;
  const labels = labelSelector?.requirements?.length
    ? labelRequirements(labelSelector.requirements)
    : undefined;
  return {
    selectors: {
      ...raw.selectors,
      ...(fields ? { fieldSelector: fields.known } : {}),
      ...(labels ? { labelSelector: labels.known } : {}),
    },
    problems: [
      ...raw.problems,
      ...(fields?.isPartial ? [ignored('fieldSelector', fields.known.length > 0)] : []),
      ...(labels?.isPartial ? [ignored('labelSelector', labels.known.length > 0)] : []),
    ],
  };
}

function parsed(fieldText: string, labelText: string): Parsed {
  const fields = fieldText === '' ? undefined : attempt(() => parseFieldSelector(fieldText).requirements);
  const labels = labelText === '' ? undefined : attempt(() => parseLabelSelector(labelText).requirements);
  return {
    selectors: {
      ...(fields ? { fieldSelector: fields } : {}),
      ...(labels ? { labelSelector: labels } : {}),
    },
    problems: [
      ...(fields === false ? [ignored('fieldSelector', false)] : []),
      ...(labels === false ? [ignored('labelSelector', false)] : []),
    ],
  };
}

function attempt<T>(parse: () => T): T | false {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SelectorError) return false;
    throw error;
  }
}

function ignored(selector: string, isPartly: boolean): string {
  return `spec.resourceAttributes.${selector} ${isPartly ? 'partially ' : ''}ignored due to parse error`;
}

interface Known<T> {
  readonly known: readonly T[];
  readonly isPartial: boolean;
}

/** Fields are equal to one value or not; whatever else a newer client may ask is left out. */
function fieldRequirements(requirements: readonly FieldSelectorRequirement[]): Known<FieldRequirement> {
  const known: FieldRequirement[] = [];
  for (const { key, operator, values = [] } of requirements) {
    const [value, ...more] = values;
    if (value === undefined || more.length > 0) continue;
    if (operator === 'In') known.push({ field: key, operator: '=', value });
    if (operator === 'NotIn') known.push({ field: key, operator: '!=', value });
  }
  return { known, isPartial: known.length < requirements.length };
}

function labelRequirements(requirements: readonly LabelSelectorRequirement[]): Known<Requirement> {
  const known = requirements.map(requirementOf).filter((requirement) => requirement !== undefined);
  return { known, isPartial: known.length < requirements.length };
}
