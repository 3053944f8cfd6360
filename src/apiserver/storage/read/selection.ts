/**
 * Which objects a list or watch wants: one namespace or all, a label selector, a field selector. Fields of a version
 * that a webhook converts to are compared when objects have been converted.
 */

import type { Conversion } from '#api/kind/conversion.ts';
import type { Strategy } from '#api/kind/strategy.ts';
import type { AnyObject, KubeObject } from '#api/meta/object.ts';
import { badRequest } from '#api/meta/status.ts';
import type { ResourceDef } from '#api/schema/schema.ts';
import { type FieldRequirement, unsupportedFieldMessage } from '#api/selectors/field-selector.ts';
import { SelectorError } from '#api/selectors/requirement.ts';
import type { Entry } from '../../cache/entry.ts';
import type { RequestSelectors } from '../../contract/request-selectors.ts';

export interface Selection {
  /** Equal keys want the same. */
  readonly key: string;
  readonly matchesEverything: boolean;
  readonly hasSelectors: boolean;
  matches(entry: Candidate): boolean;
  readonly trigger?: { readonly field: string; readonly value: string };
  /** Absent where everything can be seen of what is stored. */
  matchesConverted?(object: AnyObject): boolean;
}

/** As much of an object as is looked at. */
export type Candidate = Pick<Entry, 'namespace' | 'labels' | 'field'>;

/** As much of a resource as decides what its objects can be selected by. */
interface SelectableResource {
  readonly strategy: Pick<Strategy<AnyObject & KubeObject>, 'selectableFields' | 'unsupportedFieldText'>;
  readonly def?: Pick<ResourceDef, 'namespaced'>;
  readonly conversion?: Pick<Conversion, 'storedField' | 'ahead'>;
}

/**
 * Throws a 400 for a selector that cannot be read, and for a field that objects of this kind cannot be
 * selected by.
 */
export function selectionOf(
  served: SelectableResource,
  namespace: string,
  selectors: RequestSelectors,
): Selection {
  try {
    return select(served, namespace, selectors);
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
    throw error;
  }
}

function select(served: SelectableResource, namespace: string, selectors: RequestSelectors): Selection {
  const labels = readable(selectors.labels);
  const wanted = readable(selectors.fields).requirements.map((requirement) => ({
    ...requirement,
    field: storedField(served, requirement.field),
  }));
  const isConverted = ({ field }: FieldRequirement) => !!served.conversion?.ahead && !everyKind.has(field);
  const fields = wanted.filter((requirement) => !isConverted(requirement));
  const converted = wanted.filter(isConverted);
  const tests: ((entry: Candidate) => boolean)[] = [];
  if (namespace !== '') tests.push((entry) => entry.namespace === namespace);
  if (!labels.matchesEverything) tests.push((entry) => labels.matches(entry.labels));
  for (const { field, operator, value } of fields) {
    tests.push(
      operator === '=' ? (entry) => entry.field(field) === value : (entry) => entry.field(field) !== value,
    );
  }
  const equals = fields.filter((field) => field.operator === '=');
  const equal = equals.find(({ field }) => field === 'metadata.name') ?? equals[0];
  const trigger = equal ?? (namespace === '' ? undefined : { field: 'metadata.namespace', value: namespace });
  return {
    key: JSON.stringify([namespace, selectors.labelText, selectors.fieldText]),
    matchesEverything: tests.length === 0 && converted.length === 0,
    hasSelectors: !labels.matchesEverything || wanted.length > 0,
    matches: together(tests),
    ...(converted.length > 0 ? { matchesConverted: afterConversion(served, converted) } : {}),
    ...(trigger ? { trigger: { field: trigger.field, value: trigger.value } } : {}),
  };
}

function afterConversion({ strategy }: SelectableResource, requirements: readonly FieldRequirement[]) {
  return (object: AnyObject): boolean => {
    const values = strategy.selectableFields?.(object as AnyObject & KubeObject) ?? {};
    return requirements.every(
      ({ field, operator, value }) => (values[field] === value) === (operator === '='),
    );
  };
}

function readable<T>(selector: T | SelectorError): T {
  if (selector instanceof SelectorError) throw selector;
  return selector;
}

function together(tests: ((entry: Candidate) => boolean)[]): (entry: Candidate) => boolean {
  if (tests.length === 0) return () => true;
  if (tests.length === 1) return tests[0]!;
  return (entry) => tests.every((test) => test(entry));
}

const everyKind = new Set(['metadata.name', 'metadata.namespace']);
const nothing = { metadata: {} };

/** Throws for a field this kind cannot be selected by. */
function storedField(served: SelectableResource, field: string): string {
  const { selectableFields, unsupportedFieldText = unsupportedFieldMessage } = served.strategy;
  const known = selectableFields?.(nothing);
  if (everyKind.has(field) && !isForeignNamespace(served, field)) return field;
  if (!known) {
    const why = `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`;
    throw new SelectorError(why);
  }
  if (!Object.hasOwn(known, field)) throw new SelectorError(unsupportedFieldText(field));
  return served.conversion ? served.conversion.storedField(field) : field;
}

/** Kinds that list their fields name the namespace only where their objects are in one. */
function isForeignNamespace({ strategy, def }: SelectableResource, field: string): boolean {
  return field === 'metadata.namespace' && !!strategy.selectableFields && def?.namespaced === false;
}
