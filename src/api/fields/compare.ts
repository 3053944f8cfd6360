/** Compares two values of a type field by field: fields added, changed and removed. Cheap where nothing changed. */

import { equalJson } from '#wire/json/canonical.ts';
import { addedFields, childSchema, type FieldRoom, valueIn } from './added-fields.ts';
import type { FieldSchema, ListSchema, MapSchema } from './field-schema.ts';
import { emptySet, type FieldSet, graft, inOrder, isEmpty, leaf, type OpenSet } from './field-set.ts';
import { listElement } from './list-element.ts';
import { fieldElement } from './path-element.ts';

export interface Comparison {
  /** Added or modified. Both sets are in order. */
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}

/** Throws `UnnamedItem`, and `LimitExceeded` if more fields are added than there is room for. */
export function compare(schema: FieldSchema, before: unknown, after: unknown, room?: FieldRoom): Comparison {
  const comparing = new Comparing(room);
  comparing.value(schema, before, after);
  return comparing.outcome();
}

type Fields = Readonly<Record<string, unknown>>;
type Items = readonly unknown[] | null;

/** Undefined stands for an absent value. */
class Comparing {
  readonly #changed: OpenSet = {};
  readonly #removed: OpenSet = {};
  readonly #path: string[] = [];
  readonly #room: FieldRoom | undefined;

  constructor(room: FieldRoom | undefined) {
    this.#room = room;
  }

  outcome(): Comparison {
    const [changed, removed] = [this.#changed, this.#removed];
    return {
      changed: isEmpty(changed) ? emptySet : inOrder(changed),
      removed: isEmpty(removed) ? emptySet : inOrder(removed),
    };
  }

  value(schema: FieldSchema, before: unknown, after: unknown): void {
    if (before === after) return;
    if (before === undefined) graft(this.#changed, this.#path, addedFields(schema, after, this.#room));
    else if (after === undefined) graft(this.#removed, this.#path, addedFields(schema, before));
    else this.#both(schema, before, after);
  }

  #both(schema: FieldSchema, before: unknown, after: unknown): void {
    const { list, map } = schema;
    const form = formOf(before, after);
    if (form === 'map' && map && !map.isAtomic) this.#maps(map, before as Fields, after as Fields);
    else if (form === 'list' && list && !list.isAtomic) this.#lists(list, before as Items, after as Items);
    else if (form === 'other' && isSomeMap(schema, before, after)) this.#forms(schema, before, after);
    else this.#leaf(before, after);
  }

  #leaf(before: unknown, after: unknown): void {
    if (!equalJson(before, after)) graft(this.#changed, this.#path, leaf);
  }

  /** The form changed: one value is a map, the other is not. */
  #forms(schema: FieldSchema, before: unknown, after: unknown): void {
    graft(this.#changed, this.#path, leaf);
    const [gone, added] = [addedFields(schema, before), addedFields(schema, after, this.#room)];
    if (!isEmpty(gone)) graft(this.#removed, this.#path, childrenOf(gone));
    if (!isEmpty(added)) graft(this.#changed, this.#path, childrenOf(added));
  }

  #maps(map: MapSchema, before: Fields | null, after: Fields | null): void {
    if (isNothing(before) && isNothing(after)) {
      this.#leaf(before, after);
      return;
    }
    for (const key in after) {
      const was = valueIn(map, before, key);
      // Read once: V8 notes no names where an enumerated key is looked up, so a second, rare look-up would be compiled
      // for the first name that came there, and thrown away at the next, without end.
      const is = after[key];
      // Most fields are unchanged: comparing them first saves looking up their types.
      if (equalJson(was, is)) continue;
      this.#below(fieldElement(key), childSchema(map, key), was, is);
    }
    for (const key in before) {
      if (after === null || !Object.hasOwn(after, key) || after[key] === undefined) {
        const is = valueIn(map, null, key);
        this.#below(fieldElement(key), childSchema(map, key), before[key], is);
      }
    }
  }

  #below(element: string, schema: FieldSchema, before: unknown, after: unknown): void {
    this.#path.push(element);
    this.value(schema, before, after);
    this.#path.pop();
  }

  #lists(list: ListSchema, before: Items, after: Items): void {
    if (!before?.length && !after?.length) this.#leaf(before, after);
    else if (!this.#areAlike(list, before, after)) this.#unlike(list, before ?? [], after ?? []);
  }

  #unlike(list: ListSchema, before: readonly unknown[], after: readonly unknown[]): void {
    const [olds, news] = [byElement(list, before), byElement(list, after)];
    for (const [element, was] of olds) this.#items(list, element, was, news.get(element) ?? []);
    for (const [element, is] of news) if (!olds.has(element)) this.#items(list, element, [], is);
  }

  /** The usual case: the same elements in the same order, few of them changed. Compares them then, and returns true. */
  #areAlike(list: ListSchema, before: Items, after: Items): boolean {
    if (!before || !after || before.length !== after.length) return false;
    const elements: (string | undefined)[] = [];
    for (let i = 0; i < before.length; i++) {
      if (equalJson(before[i], after[i])) continue;
      const element = listElement(list, before[i]);
      if (element !== listElement(list, after[i])) return false;
      elements[i] = element;
    }
    if (elements.length > 0 && (isDoubled(list, before) || isDoubled(list, after))) return false;
    for (const [i, element] of elements.entries()) {
      if (element !== undefined) this.#below(element, list.element, before[i], after[i]);
    }
    return true;
  }

  /** Doubled items of one element are compared together, as a whole. */
  #items(list: ListSchema, element: string, before: readonly unknown[], after: readonly unknown[]): void {
    const path = [...this.#path, element];
    if (before.length > 1 && after.length > 1) {
      if (!equalJson(before, after)) graft(this.#changed, path, leaf);
      return;
    }
    const [was] = before.length > 1 ? [] : before;
    const [is] = after.length > 1 ? [] : after;
    this.#below(element, list.element, was, is);
    if (before.length > 1) graft(this.#removed, path, leaf);
    if (after.length > 1) graft(this.#changed, path, leaf);
  }
}

function isDoubled(list: ListSchema, items: readonly unknown[]): boolean {
  return new Set(items.map((item) => listElement(list, item))).size < items.length;
}

function byElement(list: ListSchema, items: readonly unknown[]): Map<string, unknown[]> {
  const found = new Map<string, unknown[]>();
  for (const item of items) {
    const element = listElement(list, item);
    const same = found.get(element);
    if (same) same.push(item);
    else found.set(element, [item]);
  }
  return found;
}

/** Null takes the form of the other value. */
function formOf(a: unknown, b: unknown): 'map' | 'list' | 'other' {
  const [left, right] = [containerOf(a), containerOf(b)];
  if (a === null) return right;
  if (b === null) return left;
  return left === right ? left : 'other';
}

function containerOf(value: unknown): 'map' | 'list' | 'other' {
  if (Array.isArray(value)) return 'list';
  return typeof value === 'object' && value !== null ? 'map' : 'other';
}

function isSomeMap(schema: FieldSchema, before: unknown, after: unknown): boolean {
  const isOpenMap = schema.map !== undefined && !schema.map.isAtomic;
  return isOpenMap && (containerOf(before) === 'map' || containerOf(after) === 'map');
}

function childrenOf({ '.': _, ...children }: FieldSet): FieldSet {
  return children;
}

function isNothing(map: Fields | null): boolean {
  if (map !== null) for (const _ in map) return false;
  return true;
}
