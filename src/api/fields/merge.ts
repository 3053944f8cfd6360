/**
 * Applies a configuration to a live value. Nothing is removed; where both have a field, the configuration wins.
 * Parts that only the live value or only the configuration has are shared with the result.
 */

import { childSchema } from './added-fields.ts';
import type { FieldSchema, ListSchema, MapSchema } from './field-schema.ts';
import { listElement } from './list-element.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Undefined stands for an absent value. The configuration has been validated. */
export function merge(schema: FieldSchema, live: unknown, config: unknown): unknown {
  if (config === undefined) return live;
  if (live === undefined) return config;
  const { list, map } = schema;
  if (map && !map.isAtomic && isMapOrNull(live) && isMapOrNull(config)) {
    return isEmptyMap(live) && isEmptyMap(config) ? config : mergeMaps(map, live ?? {}, config ?? {});
  }
  if (list && !list.isAtomic && isListOrNull(live) && isListOrNull(config)) {
    return !live?.length && !config?.length ? config : mergeLists(list, live ?? [], config ?? []);
  }
  return config;
}

function mergeMaps(map: MapSchema, live: Fields, config: Fields): Fields {
  const out: Record<string, unknown> = {};
  for (const key in live) {
    const given = Object.hasOwn(config, key) ? config[key] : undefined;
    put(out, key, given === undefined ? live[key] : merge(childSchema(map, key), live[key], given));
  }
  for (const key in config) if (!Object.hasOwn(live, key)) put(out, key, config[key]);
  return out;
}

/** Keys come from requests: `__proto__` is a key like any other. */
function put(out: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') out[key] = value;
  else Object.defineProperty(out, key, { value, enumerable: true, configurable: true, writable: true });
}

/**
 * The items of both lists. Items of the configuration have its order; items of the live list alone keep their
 * place between the items that both have.
 */
function mergeLists(list: ListSchema, live: readonly unknown[], config: readonly unknown[]): unknown[] {
  const olds = live.map((item) => listElement(list, item));
  const news = config.map((item) => listElement(list, item));
  const given = new Map(news.map((element, i) => [element, config[i]]));
  const there = firstItems(olds, live);
  const shared = news.filter((element) => there.has(element));
  const done = new Set<string>();
  const out: unknown[] = [];
  const take = (element: string) => {
    done.add(element);
    if (shared[s] === element) s++;
    out.push(merge(list.element, there.get(element), given.get(element)));
  };
  let [i, j, s] = [0, 0, 0];
  while (i < olds.length || j < news.length) {
    const [old, next] = [olds[i], news[j]];
    if (old !== undefined && next !== undefined) {
      if (old === next) {
        take(old);
        i++;
        j++;
        continue;
      }
      // The old item is taken later, in the place that the configuration gives it.
      if (given.has(old) && s < shared.length && shared[s] !== old) {
        i++;
        continue;
      }
    }
    if (old !== undefined) {
      if (!given.has(old)) {
        out.push(live[i]);
        i++;
        continue;
      }
      if (done.has(old)) i++;
    }
    if (next !== undefined) {
      take(next);
      j++;
    }
  }
  return out;
}

/** The live items by element. Doubled items are null: the configuration's item replaces them. */
function firstItems(elements: readonly string[], items: readonly unknown[]): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [i, element] of elements.entries()) found.set(element, found.has(element) ? null : items[i]);
  return found;
}

function isMapOrNull(value: unknown): value is Fields | null {
  return typeof value === 'object' && !Array.isArray(value);
}

function isListOrNull(value: unknown): value is readonly unknown[] | null {
  return value === null || Array.isArray(value);
}

function isEmptyMap(value: Fields | null): boolean {
  return value === null || Object.keys(value).length === 0;
}
