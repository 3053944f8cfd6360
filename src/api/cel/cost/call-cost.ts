/** The actual cost of calls, by the sizes of their arguments. */

import { FormatValue } from '../library/format/value.ts';
import { ListValue } from '../values/list.ts';
import { MapValue } from '../values/map.ts';
import { isBytes, type Value } from '../values/value.ts';
import { actualSize } from './actual-size.ts';
import { checkCost, oneUnitFunctions, selectorCost } from './constants.ts';

export type CallCost = (args: readonly Value[], result: Value) => number;

const unit: CallCost = () => 1;

/** A part of the size of an argument, rounded up. */
const ofSize =
  (arg: number, factor: number): CallCost =>
  (args) =>
    Math.ceil(actualSize(args[arg]!) * factor);

const regexCost = (text: Value, patternSize: number) =>
  Math.ceil((1 + actualSize(text)) * 0.1) * Math.ceil(patternSize * 0.25);

const ofRegex: CallCost = ([text, pattern]) => regexCost(text!, actualSize(pattern!));

const ofSmaller: CallCost = ([first, second]) =>
  Math.ceil(Math.min(actualSize(first!), actualSize(second!)) * 0.1);

const ofBoth: CallCost = ([first, second]) => Math.ceil((actualSize(first!) + actualSize(second!)) * 0.1);

/** A list that is made: a part of a size, and the cost of a list. */
const listCost = (size: number, factor: number) => Math.trunc(size * factor) + 1 + 10;

/** Compares all elements with each other. */
function selfCompareCost(list: Value): number {
  if (!(list instanceof ListValue) || list.size === 0) return listCost(0, 2);
  const first = list.get(0);
  const factor = typeof first === 'string' || isBytes(first) ? 2.1 : 2;
  return listCost(list.size ** 2, factor);
}

const ofSets =
  (factor: number): CallCost =>
  ([first, second]) =>
    1 + Math.trunc(actualSize(first!) * actualSize(second!) * factor);

const ofFlatten: CallCost = ([list, depth]) =>
  listCost(actualSize(list!), depth === undefined ? 1 : Number(depth));

/** Costs by overload, which come before those by function. */
const byOverload: Readonly<Record<string, CallCost>> = {
  list_sets_contains_list: ofSets(1),
  list_sets_intersects_list: ofSets(1),
  list_sets_equivalent_list: ofSets(2),
  list_slice: (_, result) => listCost(actualSize(result), 1),
  lists_range: (_, result) => listCost(actualSize(result), 1),
  list_reverse: (_, result) => listCost(actualSize(result), 1),
  list_flatten: ofFlatten,
  list_flatten_int: ofFlatten,
  list_distinct: ([list]) => selfCompareCost(list!),
};

/** The cost of visiting all parts of a value. */
function traversalCost(value: Value): number {
  if (typeof value === 'string') return Math.trunc(Buffer.byteLength(value) * 0.1);
  if (isBytes(value)) return Math.trunc(value.length * 0.1);
  if (value instanceof ListValue) {
    return value.values().reduce<number>((sum, part) => sum + traversalCost(part), 0);
  }
  if (!(value instanceof MapValue)) return 1;
  return value
    .keys()
    .reduce<number>((sum, key) => sum + traversalCost(key) + traversalCost(value.find(key) ?? null), 0);
}

const ofTraversal: CallCost = ([list]) => traversalCost(list!);

const containsIp =
  (textOverload: string) =>
  (id: string): CallCost =>
  ([cidr, other]) =>
    Math.ceil(2 * actualSize(cidr!) * 0.1) + (id === textOverload ? Math.ceil(actualSize(other!) * 0.1) : 0);

/** Costs by function; the overload matters for some. */
const byFunction: Readonly<Record<string, (id: string) => CallCost>> = {
  check: () => () => checkCost,
  fieldSelector: () => (args) => selectorCost(actualSize(args[1]!)),
  labelSelector: () => (args) => selectorCost(actualSize(args[1]!)),
  isSorted: () => ofTraversal,
  sum: () => ofTraversal,
  max: () => ofTraversal,
  min: () => ofTraversal,
  indexOf: () => ofTraversal,
  lastIndexOf: () => ofTraversal,
  url: () => ofSize(0, 0.1),
  lowerAscii: () => ofSize(0, 0.1),
  upperAscii: () => ofSize(0, 0.1),
  substring: () => ofSize(0, 0.1),
  trim: () => ofSize(0, 0.1),
  'jsonpatch.escapeKey': () => ofSize(0, 0.1),
  replace: () => ofSize(0, 0.2),
  split: () => ofSize(0, 0.2),
  join: () => (_, result) => Math.ceil(actualSize(result) * 0.2),
  find: () => ofRegex,
  findAll: () => ofRegex,
  cidr: () => ofSize(0, 0.1),
  isIP: () => ofSize(0, 0.1),
  isCIDR: () => ofSize(0, 0.1),
  ip: (id) => (id === 'cidr_ip' ? unit : ofSize(0, 0.1)),
  'ip.isCanonical': () => ofSize(0, 0.2),
  containsIP: containsIp('cidr_contains_ip_string'),
  containsCIDR: (id) => {
    const base = containsIp('cidr_contains_cidr_string')(id);
    return (args, result) => base(args, result) + Math.ceil(actualSize(args[0]!) * 0.1) + 1;
  },
  quantity: () => ofSize(0, 0.1),
  isQuantity: () => ofSize(0, 0.1),
  semver: () => ofSize(0, 0.1),
  isSemver: () => ofSize(0, 0.1),
  validate: () => (args) => {
    const [format, text] = args;
    return format instanceof FormatValue ? regexCost(text!, format.regexSizeMax) : 1;
  },
};

const perElement: CallCost = (args) => actualSize(args[1]!);

/** Costs of the language's own overloads. */
const standard: Readonly<Record<string, CallCost>> = {
  starts_with_string: ofSize(0, 0.1),
  ends_with_string: ofSize(0, 0.1),
  string_to_bytes: ofSize(0, 0.1),
  bytes_to_string: ofSize(0, 0.1),
  strings_quote: ofSize(0, 0.1),
  string_format: ofSize(0, 0.1),
  in_list: perElement,
  less_string: ofSmaller,
  less_equals_string: ofSmaller,
  greater_string: ofSmaller,
  greater_equals_string: ofSmaller,
  less_bytes: ofSmaller,
  less_equals_bytes: ofSmaller,
  greater_bytes: ofSmaller,
  greater_equals_bytes: ofSmaller,
  add_string: ofBoth,
  add_bytes: ofBoth,
  matches_string: ofRegex,
  contains_string: ([text, part]) => Math.ceil(actualSize(text!) * 0.1) * Math.ceil(actualSize(part!) * 0.1),
};

const sorts = /^list_.*_(sort|sortByAssociatedKeys)$/;

/** `id`: the overload; empty if several fit. */
export function callCostOf(name: string, id: string): CallCost {
  if (Object.hasOwn(byOverload, id)) return byOverload[id]!;
  const sort = sorts.exec(id);
  if (sort !== null) return (args) => selfCompareCost(args[sort[1] === 'sort' ? 0 : 1]!);
  if (Object.hasOwn(byFunction, name)) return byFunction[name]!(id);
  if (oneUnitFunctions.has(name)) return unit;
  return Object.hasOwn(standard, id) ? standard[id]! : unit;
}
