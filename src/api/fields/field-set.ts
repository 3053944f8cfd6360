/**
 * A set of fields, held as the FieldsV1 that is stored: a tree whose names are path elements. An empty node is a
 * member of the set; a node with children is a member when it has a `.`. The whole object is never a member.
 * Sets are immutable: operations share the unchanged parts.
 */

import { compareElements, sortedByElement } from './path-element.ts';

export interface FieldSet {
  readonly [element: string]: FieldSet;
}

export type OpenSet = { [element: string]: FieldSet };

/** A member without children. */
export const leaf: FieldSet = Object.freeze({});
export const emptySet: FieldSet = Object.freeze({});

export function isEmpty(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

export function isMember(node: FieldSet): boolean {
  return isEmpty(node) || node['.'] !== undefined;
}

function hasChildren(node: FieldSet): boolean {
  for (const element in node) if (element !== '.') return true;
  return false;
}

/** Keys of lists differ in every object: V8 would make a shape for each. */
export function openSet(isOfList: boolean): OpenSet {
  return isOfList ? (Object.create(null) as OpenSet) : {};
}

function copyOf(set: FieldSet): OpenSet {
  const copy: OpenSet = {};
  for (const element in set) copy[element] = set[element]!;
  return copy;
}

export function setOf(...paths: readonly (readonly string[])[]): FieldSet {
  const set: OpenSet = {};
  for (const path of paths) graft(set, path, leaf);
  return set;
}

/** Nodes that `graft` has made: they have children. `isEmpty` of an object with thousands of keys lists them all. */
const grafted = new WeakSet<FieldSet>();

/** Adds `node` at the path, in place. All nodes on the path were made for `set` or have no children. */
export function graft(set: OpenSet, path: readonly string[], node: FieldSet): void {
  let at = set;
  for (let i = 0; i < path.length - 1; i++) {
    const element = path[i]!;
    at = at[element] = opened(at[element]);
  }
  const last = path.at(-1);
  if (last === undefined) return;
  const there = at[last];
  at[last] = there ? unionOfNodes(there, node) : node;
}

/** The node itself, if it has children; else a new one that may get some. */
function opened(node: FieldSet | undefined): OpenSet {
  if (node && (grafted.has(node) || !isEmpty(node))) return node as OpenSet;
  const made: OpenSet = node ? { '.': leaf } : {};
  grafted.add(made);
  return made;
}

export function has(set: FieldSet, path: readonly string[]): boolean {
  let at: FieldSet | undefined = set;
  for (const element of path) {
    at = at[element];
    if (!at) return false;
  }
  return path.length > 0 && isMember(at);
}

/** In order, if both sets are. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmpty(b)) return a;
  if (isEmpty(a)) return b;
  const out = copyOf(a);
  let isLonger = false;
  for (const element in b) {
    const [left, right] = [a[element], b[element]!];
    isLonger ||= left === undefined;
    out[element] = left ? unionOfNodes(left, right) : right;
  }
  return isLonger ? levelInOrder(out) : out;
}

function unionOfNodes(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a;
  const [leftIs, rightIs] = [isMember(a), isMember(b)];
  if (!hasChildren(b)) return leftIs || !rightIs ? a : { '.': leaf, ...a };
  const below = union(a, b);
  return (leftIs || rightIs) && below['.'] === undefined ? { '.': leaf, ...below } : below;
}

/** The union of any number of sets; reads each once. */
export function unionOfAll(sets: readonly FieldSet[]): FieldSet {
  if (sets.length < 3) return sets.reduce(union, emptySet);
  const below = new Map<string, FieldSet[]>();
  for (const set of sets) {
    for (const element in set) {
      const nodes = below.get(element);
      if (nodes) nodes.push(set[element]!);
      else below.set(element, [set[element]!]);
    }
  }
  const out = openSet(true);
  for (const [element, nodes] of below) {
    const [first] = nodes;
    if (nodes.every((node) => node === first)) {
      out[element] = first!;
      continue;
    }
    const node = unionOfAll(nodes);
    const isIn = node['.'] === undefined && !isEmpty(node) && nodes.some(isMember);
    out[element] = isIn ? { '.': leaf, ...node } : node;
  }
  return levelInOrder(out);
}

/** The members of `a` that are not in `b`. A member of `b` does not remove the fields below it. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return without(a, b, false);
}

/** The members of `a` that are neither in `b` nor below a member of `b`. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  return without(a, b, true);
}

/**
 * Levels with many elements, of sets in order. The sets of many managers are compared with one large set of
 * changes: their elements are then looked up in the changes, and not the changes in each of them.
 */
const large = new WeakSet<FieldSet>();
const largeMin = 64;

/** The same set, of so many elements, which were added in order; the sets of the elements are in order too. */
export function builtInOrder(set: FieldSet, elements: number): FieldSet {
  if (elements >= largeMin) large.add(set);
  return set;
}

function isMemberOfLarge(node: FieldSet): boolean {
  return node['.'] !== undefined || !(large.has(node) || hasChildren(node));
}

function without(a: FieldSet, b: FieldSet, isRecursive: boolean): FieldSet {
  let out: OpenSet | undefined;
  for (const element in large.has(b) ? a : b) {
    const [left, right] = [a[element], b[element]];
    if (left === undefined || right === undefined || element === '.') continue;
    const rest = restOf(left, right, isRecursive);
    if (rest === left) continue;
    out ??= copyOf(a);
    if (rest) out[element] = rest;
    else delete out[element];
  }
  return out ?? a;
}

/** `a` without the members of `b`; undefined when nothing is left. */
function restOf(a: FieldSet, b: FieldSet, isRecursive: boolean): FieldSet | undefined {
  const taken = isMemberOfLarge(b);
  if (taken && isRecursive) return undefined;
  const below = (large.has(b) || hasChildren(b)) && hasChildren(a) ? without(a, b, isRecursive) : a;
  const isLeft = isMember(a) && !taken;
  if (!hasChildren(below)) return isLeft ? (below === a ? a : leaf) : undefined;
  if (isLeft || below['.'] === undefined) return below;
  const { '.': _, ...children } = below;
  return children;
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const out: OpenSet = {};
  for (const element in a) {
    const right = b[element];
    if (right === undefined || element === '.') continue;
    const left = a[element]!;
    const both = isMember(left) && isMemberOfLarge(right);
    const below = intersection(left, right);
    if (!isEmpty(below)) out[element] = both ? { '.': leaf, ...below } : below;
    else if (both) out[element] = leaf;
  }
  return isEmpty(out) ? emptySet : out;
}

export function equals(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  let count = 0;
  for (const element in a) {
    const right = b[element];
    if (right === undefined || !equals(a[element]!, right)) return false;
    count++;
  }
  for (const _ in b) count--;
  return count === 0;
}

/** Every path in the set: the paths of a level before longer ones. `visit` may not keep the path. */
export function forEachPath(
  set: FieldSet,
  visit: (path: readonly string[]) => void,
  path: string[] = [],
): void {
  const below = (what: (node: FieldSet) => void) => {
    for (const element in set) {
      if (element === '.') continue;
      path.push(element);
      what(set[element]!);
      path.pop();
    }
  };
  below((node) => isMember(node) && visit(path));
  below((node) => hasChildren(node) && forEachPath(node, visit, path));
}

/** With the elements of every node in the order in which upstream writes them. */
export function inOrder(set: FieldSet): FieldSet {
  if (large.has(set)) return set;
  let out: OpenSet | undefined;
  for (const element in set) {
    const node = set[element]!;
    const ordered = node === leaf ? node : inOrder(node);
    if (ordered === node) continue;
    out ??= copyOf(set);
    out[element] = ordered;
  }
  return levelInOrder(out ?? set);
}

function levelInOrder(set: FieldSet): FieldSet {
  let last: string | undefined;
  let count = 0;
  for (const element in set) {
    if (last !== undefined && !isBefore(last, element)) return sortedLevel(set);
    last = element;
    count++;
  }
  if (count >= largeMin) large.add(set);
  return set;
}

function sortedLevel(set: FieldSet): FieldSet {
  const others = Object.keys(set).filter((element) => element !== '.');
  const elements = sortedByElement(others, (element) => element);
  if (set['.']) elements.unshift('.');
  const out = openSet(!elements.at(-1)!.startsWith('f'));
  for (const element of elements) out[element] = set[element]!;
  if (elements.length >= largeMin) large.add(out);
  return out;
}

function isBefore(a: string, b: string): boolean {
  if (a === '.' || b === '.') return a === '.';
  return compareElements(a, b) < 0;
}
