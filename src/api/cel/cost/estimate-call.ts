/** Cost estimates of calls, by the size ranges of their arguments, whose own cost is not included. */

import { costMax } from '../contract.ts';
import { checkCost, oneUnitFunctions } from './constants.ts';
import { listEstimate } from './estimate-lists.ts';
import { type CallEstimate, type CostNode, elementOf, sizeOf } from './node.ts';
import { exactly, product, type Range, scaled, sum, union } from './range.ts';

interface CallNodes {
  readonly id: string;
  readonly target: CostNode | undefined;
  readonly args: readonly CostNode[];
}

type Estimate = (nodes: CallNodes) => CallEstimate | undefined;

const unit: CallEstimate = { cost: exactly(1) };

/** The size of the first argument, and the result is as large. */
const ofArgument =
  (factor: number, isResultAsLarge: boolean): Estimate =>
  ({ args: [arg] }) => {
    if (arg === undefined) return undefined;
    const size = sizeOf(arg);
    return isResultAsLarge ? { cost: scaled(size, factor), size } : { cost: scaled(size, factor) };
  };

const ofTarget: Estimate = ({ target }) =>
  target && { cost: scaled(sizeOf(target), 0.1), size: sizeOf(target) };

function selector({ args: [arg] }: CallNodes): CallEstimate | undefined {
  if (arg === undefined) return undefined;
  const size = sizeOf(arg);
  return { cost: sum(exactly(10), scaled(size, 0.1), scaled(scaled(size, 0.5), 50)) };
}

/** One unit for each element, and more for strings, which may be long. */
function traversal({ target }: CallNodes): CallEstimate | undefined {
  if (target === undefined) return undefined;
  const element = elementOf(target);
  if (element === undefined) return { cost: scaled(sizeOf(target), 0.1) };
  const isText = element.type.kind === 'string' || element.type.kind === 'bytes';
  const perElement = isText ? sum(exactly(1), scaled(sizeOf(element), 0.1)) : exactly(1);
  return { cost: product(sizeOf(target), perElement) };
}

function replace({ target, args: [old, by] }: CallNodes): CallEstimate | undefined {
  if (target === undefined || old === undefined || by === undefined) return undefined;
  const size = sizeOf(target);
  const [oldSize, bySize] = [sizeOf(old), sizeOf(by)];
  const longest = replacements(size.max, oldSize.min, bySize.max <= oldSize.min);
  const shortest = replacements(size.min, oldSize.max, oldSize.max <= bySize.min);
  const count = { min: shortest.count, max: longest.count };
  const kept = { min: shortest.kept, max: longest.kept };
  return { cost: scaled(size, 0.2), size: sum(product(count, bySize), kept) };
}

/** How often a part of this size is replaced in a string, and how much of the string is kept. */
function replacements(size: number, partSize: number, isNoGain: boolean): { count: number; kept: number } {
  if (partSize === 0) return { count: size < costMax ? size + 1 : size, kept: size };
  return isNoGain ? { count: 0, kept: size } : { count: Math.ceil(size / partSize), kept: 0 };
}

function split({ target, args }: CallNodes): CallEstimate | undefined {
  if (target === undefined) return undefined;
  const size = sizeOf(target);
  const most = args[1]?.expr;
  const limit = most?.kind === 'literal' && typeof most.value === 'number' ? most.value : undefined;
  const max = limit === undefined ? size.max : limit < 0 ? costMax : limit;
  return { cost: scaled(size, 0.2), size: { min: 0, max } };
}

function join({ target, args: [separator] }: CallNodes): CallEstimate | undefined {
  if (target === undefined) return undefined;
  const count = sizeOf(target);
  const element = elementOf(target);
  let size: Range = element === undefined ? exactly(0) : product(count, sizeOf(element));
  if (separator !== undefined) {
    const between = { min: Math.max(0, count.min - 1), max: Math.max(0, count.max - 1) };
    size = sum(size, product(sizeOf(separator), between));
  }
  return { cost: scaled(size, 0.1), size };
}

const regexCost = (text: CostNode, pattern: CostNode) =>
  product(scaled(sum(sizeOf(text), exactly(1)), 0.1), scaled(sizeOf(pattern), 0.25));

function find({ target, args: [pattern] }: CallNodes): CallEstimate | undefined {
  if (target === undefined || pattern === undefined) return undefined;
  return { cost: regexCost(target, pattern), size: { min: 0, max: sizeOf(target).max } };
}

/** Compares two addresses of 4 to 16 bytes. */
const addressSize: Range = { min: 4, max: 16 };
const addressCost = scaled(sum(addressSize, addressSize), 0.1);

function containsIp({ id, args: [arg] }: CallNodes): CallEstimate | undefined {
  if (arg === undefined) return undefined;
  const isText = id === 'cidr_contains_ip_string';
  return { cost: isText ? sum(addressCost, scaled(sizeOf(arg), 0.1)) : addressCost };
}

function containsCidr({ id, args: [arg] }: CallNodes): CallEstimate | undefined {
  if (arg === undefined) return undefined;
  const base = sum(addressCost, scaled(addressSize, 0.1), exactly(1));
  return { cost: id === 'cidr_contains_cidr_string' ? sum(base, scaled(sizeOf(arg), 0.1)) : base };
}

const formatRegexSize = 128;

function validate({ args: [arg] }: CallNodes): CallEstimate | undefined {
  return arg && { cost: scaled(scaled(sizeOf(arg), 0.1), formatRegexSize * 0.25) };
}

const constantTypes = new Set([
  'net.IP',
  'net.CIDR',
  'kubernetes.Quantity',
  'kubernetes.Semver',
  'kubernetes.authorization.Authorizer',
  'kubernetes.authorization.PathCheck',
  'kubernetes.authorization.GroupCheck',
  'kubernetes.authorization.ResourceCheck',
  'kubernetes.authorization.Decision',
]);

const formatNameSize = 64;

function equal({ args: [left, right] }: CallNodes): CallEstimate | undefined {
  if (left === undefined || right === undefined || left.type.name !== right.type.name) return undefined;
  if (constantTypes.has(left.type.name)) return unit;
  if (left.type.name === 'kubernetes.NamedFormat') {
    return { cost: scaled({ min: 1, max: formatNameSize }, 0.1) };
  }
  if (left.type.name !== 'kubernetes.URL') return undefined;
  const max = right.size === undefined ? 1 : right.size.max;
  return { cost: scaled({ min: 1, max }, 0.1) };
}

/** By the name of the function. */
const byFunction: Readonly<Record<string, Estimate>> = {
  check: () => ({ cost: exactly(checkCost) }),
  fieldSelector: selector,
  labelSelector: selector,
  isSorted: traversal,
  sum: traversal,
  max: traversal,
  min: traversal,
  indexOf: traversal,
  lastIndexOf: traversal,
  url: ofArgument(0.1, true),
  'jsonpatch.escapeKey': ofArgument(0.1, true),
  lowerAscii: ofTarget,
  upperAscii: ofTarget,
  substring: ofTarget,
  trim: ofTarget,
  replace,
  split,
  join,
  find,
  findAll: find,
  cidr: ofArgument(0.1, false),
  isIP: ofArgument(0.1, false),
  isCIDR: ofArgument(0.1, false),
  ip: (nodes) => (nodes.id === 'cidr_ip' ? unit : ofArgument(0.1, false)(nodes)),
  'ip.isCanonical': ofArgument(0.2, false),
  containsIP: containsIp,
  containsCIDR: containsCidr,
  quantity: ofArgument(0.1, false),
  isQuantity: ofArgument(0.1, false),
  semver: ofArgument(0.1, false),
  isSemver: ofArgument(0.1, false),
  validate,
  '_==_': equal,
};

function matches({ target, args: [pattern] }: CallNodes): CallEstimate | undefined {
  return target && pattern && { cost: regexCost(target, pattern) };
}

function contains({ target, args: [part] }: CallNodes): CallEstimate | undefined {
  return target && part && { cost: product(scaled(sizeOf(target), 0.1), scaled(sizeOf(part), 0.1)) };
}

const concatenation: Estimate = ({ args: [left, right] }) => {
  if (left === undefined || right === undefined) return undefined;
  const size = sum(sizeOf(left), sizeOf(right));
  return { cost: scaled(size, 0.1), size };
};

const smaller: Estimate = ({ args: [left, right] }) => {
  if (left === undefined || right === undefined) return undefined;
  const max = Math.min(sizeOf(left).max, sizeOf(right).max);
  return { cost: scaled({ min: max > 0 ? 1 : 0, max }, 0.1) };
};

/** By the overload, of the language's own. */
const standard: Readonly<Record<string, Estimate>> = {
  string_format: ({ target }) => target && { cost: scaled(sizeOf(target), 0.1) },
  string_to_bytes: ({ args: [arg] }) =>
    arg && {
      cost: scaled(sizeOf(arg), 0.1),
      size: { min: sizeOf(arg).min, max: Math.min(sizeOf(arg).max * 4, costMax) },
    },
  bytes_to_string: ({ args: [arg] }) =>
    arg && {
      cost: scaled(sizeOf(arg), 0.1),
      size: { min: Math.floor(sizeOf(arg).min / 4), max: sizeOf(arg).max },
    },
  strings_quote: ({ args: [arg] }) =>
    arg && {
      cost: scaled(sizeOf(arg), 0.1),
      size: { min: sizeOf(arg).min + 2, max: Math.min(sizeOf(arg).max * 2 + 2, costMax) },
    },
  starts_with_string: ofArgument(0.1, false),
  ends_with_string: ofArgument(0.1, false),
  in_list: ({ args: [, list] }) => list && { cost: sizeOf(list) },
  matches_string: matches,
  contains_string: contains,
  conditional: ({ args: [, then, otherwise] }) =>
    then && otherwise && { cost: exactly(0), size: union(sizeOf(then), sizeOf(otherwise)) },
  add_string: concatenation,
  add_bytes: concatenation,
  add_list: ({ args: [left, right] }) =>
    left && right && { cost: exactly(1), size: sum(sizeOf(left), sizeOf(right)) },
  equals: smaller,
  not_equals: smaller,
};

const ordered = /^(?:less|less_equals|greater|greater_equals)_(?:string|bytes)$/;

/** `id`: the overload. */
export function estimateCall(
  name: string,
  id: string,
  target: CostNode | undefined,
  args: readonly CostNode[],
): CallEstimate {
  const nodes = { id, target, args };
  const ofFunction = Object.hasOwn(byFunction, name) ? byFunction[name]!(nodes) : undefined;
  const ofStandard = Object.hasOwn(standard, id) ? standard[id] : ordered.test(id) ? smaller : undefined;
  return (
    listEstimate(id, target, args) ??
    ofFunction ??
    (oneUnitFunctions.has(name) ? unit : undefined) ??
    ofStandard?.(nodes) ??
    unit
  );
}
