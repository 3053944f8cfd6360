/** Lists: made by an expression, concatenated from two lists, and the view of a JSON array. */

import { type CelType, dynType, listType } from '../types/type.ts';
import { ObjectValue, type Value, type View } from './value.ts';

const anyList = listType(dynType);

export abstract class ListValue extends ObjectValue {
  readonly type: CelType = anyList;
  abstract readonly size: number;
  /** The value at an index below `size`. */
  abstract get(index: number): Value;

  values(): Value[] {
    return Array.from({ length: this.size }, (_, index) => this.get(index));
  }
}

export class MadeList extends ListValue {
  /** A macro such as `map` appends to a list that nothing else has seen yet. */
  readonly elements: Value[];

  constructor(elements: Value[]) {
    super();
    this.elements = elements;
  }

  get size(): number {
    return this.elements.length;
  }

  get(index: number): Value {
    return this.elements[index]!;
  }

  override values(): Value[] {
    return this.elements;
  }
}

/** A concatenation that copies nothing. */
export class JoinedList extends ListValue {
  readonly size: number;
  readonly #first: ListValue;
  readonly #second: ListValue;

  constructor(first: ListValue, second: ListValue) {
    super();
    this.#first = first;
    this.#second = second;
    this.size = first.size + second.size;
  }

  get(index: number): Value {
    let list: ListValue = this;
    let rest = index;
    while (list instanceof JoinedList) {
      const first: ListValue = list.#first;
      if (rest < first.size) {
        list = first;
      } else {
        rest -= first.size;
        list = list.#second;
      }
    }
    return list.get(rest);
  }
}

/** An array of an object; `declared` is its type where a schema declares one. */
export class JsonList extends ListValue {
  readonly raw: readonly unknown[];
  readonly declared: CelType | undefined;
  readonly view: View;

  constructor(raw: readonly unknown[], view: View, declared?: CelType) {
    super();
    this.raw = raw;
    this.view = view;
    this.declared = declared;
  }

  get size(): number {
    return this.raw.length;
  }

  get(index: number): Value {
    return this.view(this.raw[index]);
  }
}
