/** Quantities, such as `500m` and `2Gi`. */

import { parseQuantity, Quantity } from '../../values/quantity.ts';
import { QuantityError, splitQuantity } from '../../values/quantity-notation.ts';
import type { Library } from '../declarations/environment.ts';
import { declare, method, overload } from '../declarations/function.ts';
import { boolType, type CelType, doubleType, intType, objectType, stringType } from '../types/type.ts';
import { OpaqueValue } from '../values/equal.ts';
import { intOf } from '../values/int.ts';
import { Double, ErrorValue, isError, noSuchOverload, type Value } from '../values/value.ts';

export const quantityType: CelType = objectType('kubernetes.Quantity', new Map());

class QuantityValue extends OpaqueValue {
  readonly type = quantityType;
  readonly quantity: Quantity;
  readonly #isWhole: boolean;

  /** `isWhole`: upstream decides by the written form whether it is an integer: `1.0` and `1000m` are not. */
  constructor(quantity: Quantity, isWhole: boolean) {
    super();
    this.quantity = quantity;
    this.#isWhole = isWhole;
  }

  /** Undefined for a quantity that is no integer. */
  get integer(): bigint | undefined {
    return this.#isWhole ? this.quantity.asInt64() : undefined;
  }

  add(other: QuantityValue): QuantityValue {
    return this.#with(this.quantity.add(other.quantity), other);
  }

  sub(other: QuantityValue): QuantityValue {
    return this.#with(this.quantity.sub(other.quantity), other);
  }

  #with(result: Quantity, other: QuantityValue): QuantityValue {
    if (this.quantity.isZero()) return new QuantityValue(result, other.#isWhole);
    return new QuantityValue(result, this.#isWhole && (other.quantity.isZero() || other.#isWhole));
  }

  equals(other: Value): boolean | ErrorValue {
    return other instanceof QuantityValue ? this.quantity.compare(other.quantity) === 0 : noSuchOverload;
  }

  override toString(): string {
    return this.quantity.toString();
  }
}

/** Digits that upstream keeps in 64 bits; more are a decimal of any length, and never an integer. */
const decimalDigitsMax = 18;
const binaryDigitsMax = 14;

function isWrittenWhole(text: string): boolean {
  const { whole, fraction, unit } = splitQuantity(text);
  if (unit.format !== 'BinarySI') {
    return unit.exponent >= fraction.length && whole.length + fraction.length <= decimalDigitsMax;
  }
  return fraction === '' && whole.length + Math.trunc((unit.shift * 3) / 10) <= binaryDigitsMax;
}

/** An error for a text that is no quantity. */
export function quantityOf(text: string): QuantityValue | ErrorValue {
  try {
    return new QuantityValue(parseQuantity(text), isWrittenWhole(text));
  } catch (error) {
    if (error instanceof QuantityError) return new ErrorValue(error.message);
    throw error;
  }
}

function asInteger({ integer }: QuantityValue): Value {
  return integer === undefined ? new ErrorValue('cannot convert value to integer') : intOf(integer);
}

type Int = number | bigint;

const ofInt = (value: Int) => new QuantityValue(new Quantity(BigInt(value), 0, 'DecimalExponent'), true);

const add = (a: QuantityValue, b: QuantityValue) => a.add(b);
const addInt = (a: QuantityValue, b: Int) => a.add(ofInt(b));
const sub = (a: QuantityValue, b: QuantityValue) => a.sub(b);
const subInt = (a: QuantityValue, b: Int) => a.sub(ofInt(b));

const compare = (a: QuantityValue, b: QuantityValue) => Math.sign(a.quantity.compare(b.quantity));

const single = [quantityType];
const pair = [quantityType, quantityType];
const withInt = [quantityType, intType];

export const quantity: Library = {
  functions: [
    declare('quantity', overload('string_to_quantity', [stringType], quantityType, quantityOf)),
    declare(
      'isQuantity',
      overload('is_quantity_string', [stringType], boolType, (text: string) => !isError(quantityOf(text))),
    ),
    declare(
      'sign',
      overload('quantity_sign', single, intType, (value: QuantityValue) => value.quantity.sign()),
    ),
    declare(
      'isGreaterThan',
      method(
        'quantity_is_greater_than',
        pair,
        boolType,
        (a: QuantityValue, b: QuantityValue) => compare(a, b) === 1,
      ),
    ),
    declare(
      'isLessThan',
      method(
        'quantity_is_less_than',
        pair,
        boolType,
        (a: QuantityValue, b: QuantityValue) => compare(a, b) === -1,
      ),
    ),
    declare('compareTo', method('quantity_compare_to', pair, intType, compare)),
    declare(
      'asApproximateFloat',
      method(
        'quantity_get_float',
        single,
        doubleType,
        (value: QuantityValue) => new Double(value.quantity.toNumber()),
      ),
    ),
    declare('asInteger', method('quantity_get_int', single, intType, asInteger)),
    declare(
      'isInteger',
      method('quantity_is_integer', single, boolType, (value: QuantityValue) => value.integer !== undefined),
    ),
    declare(
      'add',
      method('quantity_add', pair, quantityType, add),
      method('quantity_add_int', withInt, quantityType, addInt),
    ),
    declare(
      'sub',
      method('quantity_sub', pair, quantityType, sub),
      method('quantity_sub_int', withInt, quantityType, subInt),
    ),
  ],
};
