/**
 * Variables with selections (`self.spec.ports[0].name`). A chain of selections costs one unit for its root and one for
 * each selection; the branches of `c ? a : b` cost nothing for their roots, as in cel-go.
 */

import { OpaqueValue } from '../values/equal.ts';
import { ListValue } from '../values/list.ts';
import { MapValue } from '../values/map.ts';
import { none, Optional } from '../values/optional.ts';
import { shownValue } from '../values/shown.ts';
import {
  Double,
  ErrorValue,
  isError,
  isInt,
  noSuchOverload,
  typeOfValue,
  Uint,
  type Value,
} from '../values/value.ts';
import type { Frame, Run } from './frame.ts';

/** One selection. */
export interface Qualifier {
  /** The key or index; of an attribute without the cost of its root. */
  readonly key: Run;
  /** Whether it was written `.?` or `[?]`. */
  readonly isOptional: boolean;
  /** The last selection of `has(…)`: the result is whether the value is present. */
  readonly isTest?: boolean;
  /** The cost in addition to that of the key. */
  readonly cost: number;
}

export interface Attribute {
  /** The value without the cost of the root. */
  resolve(frame: Frame): Value;
  /** The cost of the root when the attribute is not part of another attribute. */
  readonly rootCost: 0 | 1;
  with(qualifier: Qualifier): Attribute;
}

/** A variable of the environment or of a macro, or the result of a call, with selections. */
export class RootAttribute implements Attribute {
  readonly rootCost = 1;
  readonly #root: Run;
  readonly #qualifiers: readonly Qualifier[];

  constructor(root: Run, qualifiers: readonly Qualifier[] = []) {
    this.#root = root;
    this.#qualifiers = qualifiers;
  }

  with(qualifier: Qualifier): Attribute {
    return new RootAttribute(this.#root, [...this.#qualifiers, qualifier]);
  }

  resolve(frame: Frame): Value {
    let value = this.#root(frame);
    if (this.#qualifiers.length === 0 || isError(value)) return value;
    let isOptional = false;
    if (value instanceof Optional) {
      if (value.value === undefined) return value;
      value = value.value;
      isOptional = true;
    }
    for (const qualifier of this.#qualifiers) {
      isOptional ||= qualifier.isOptional;
      const key = qualifier.key(frame);
      if (isError(key)) return key;
      const found = find(value, key);
      if (found === undefined && isOptional) return none;
      frame.cost += qualifier.cost;
      if (qualifier.isTest) return isPresent(found, isOptional);
      if (found === undefined) return missing(value, key);
      if (isError(found)) return found;
      value = found;
    }
    return isOptional ? new Optional(value) : value;
  }
}

/** `condition ? then : otherwise`, with selections on the result. */
export class ConditionalAttribute implements Attribute {
  readonly rootCost = 0;
  readonly #condition: Run;
  readonly #then: Attribute;
  readonly #otherwise: Attribute;

  constructor(condition: Run, then: Attribute, otherwise: Attribute) {
    this.#condition = condition;
    this.#then = then;
    this.#otherwise = otherwise;
  }

  with(qualifier: Qualifier): Attribute {
    return new ConditionalAttribute(
      this.#condition,
      this.#then.with(qualifier),
      this.#otherwise.with(qualifier),
    );
  }

  resolve(frame: Frame): Value {
    const condition = this.#condition(frame);
    if (condition === true) return this.#then.resolve(frame);
    if (condition === false) return this.#otherwise.resolve(frame);
    return isError(condition) ? condition : noSuchOverload;
  }
}

/** Undefined for an absent key or index. */
export function find(container: Value, key: Value): Value | undefined {
  if (container instanceof MapValue) return container.find(key);
  if (container instanceof OpaqueValue) return container.select?.(key);
  if (!(container instanceof ListValue)) return undefined;
  const index = indexOf(key);
  if (typeof index !== 'number') return index;
  return index >= 0 && index < container.size ? container.get(index) : undefined;
}

function isPresent(found: Value | undefined, isOptional: boolean): Value {
  if (found !== undefined && isError(found)) return found;
  return isOptional ? new Optional(true) : found !== undefined;
}

function indexOf(key: Value): number | ErrorValue {
  if (isInt(key)) return Number(key);
  if (key instanceof Uint) return Number(key.value);
  if (key instanceof Double && Number.isInteger(key.value)) return key.value;
  if (key instanceof Double) return new ErrorValue(`unsupported index value ${shownValue(key)} in list`);
  return new ErrorValue(`unsupported index type '${typeOfValue(key).name}' in list`);
}

export function missing(container: Value, key: Value): ErrorValue {
  const what = container instanceof ListValue ? 'index out of bounds' : 'no such key';
  return new ErrorValue(`${what}: ${shownValue(key)}`);
}
