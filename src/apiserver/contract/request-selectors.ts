/** The label and field selector of a request: parsed on first use, and once. */

import { type FieldSelector, parseFieldSelector } from '#api/selectors/field-selector.ts';
import { SelectorError } from '#api/selectors/requirement.ts';
import { parseLabelSelector, type Selector } from '#api/selectors/selector.ts';

export class RequestSelectors {
  readonly labelText: string;
  readonly fieldText: string;
  #labels: Selector | SelectorError | undefined;
  #fields: FieldSelector | SelectorError | undefined;

  constructor(labelText: string, fieldText: string) {
    this.labelText = labelText;
    this.fieldText = fieldText;
  }

  static of(query: URLSearchParams): RequestSelectors {
    if (query.size === 0) return everything;
    const [labelText, fieldText] = [query.get('labelSelector') ?? '', query.get('fieldSelector') ?? ''];
    return labelText === '' && fieldText === '' ? everything : new RequestSelectors(labelText, fieldText);
  }

  /** A SelectorError where the text cannot be read; so for `fields`. */
  get labels(): Selector | SelectorError {
    this.#labels ??= parsed(() => parseLabelSelector(this.labelText));
    return this.#labels;
  }

  get fields(): FieldSelector | SelectorError {
    this.#fields ??= parsed(() => parseFieldSelector(this.fieldText));
    return this.#fields;
  }
}

const everything = new RequestSelectors('', '');

function parsed<T>(parse: () => T): T | SelectorError {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SelectorError) return error;
    throw error;
  }
}
