/** Drops fields that a structural schema does not declare. */

import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { isTree, type StructuralSchema } from './structural-schema.ts';

/**
 * Changes `object`, a whole resource, in place. Returns the paths of the fields that are dropped, sorted as
 * upstream sorts them.
 */
export function prune(object: JsonObject, schema: StructuralSchema): string[] {
  const pruning = new Pruning();
  pruning.fields(object, schema, { isResource: true, keepsUnknown: schema.preservesUnknown });
  return pruning.unknown.sort(byCodeUnits);
}

/** As `prune`, for a value within a resource. */
export function pruneValue(value: unknown, schema: StructuralSchema): void {
  new Pruning().value(value, schema);
}

const typeFields = new Set(['apiVersion', 'kind', 'metadata']);

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

interface Manner {
  /** The object has apiVersion, kind and metadata, which are not pruned. */
  readonly isResource: boolean;
  readonly keepsUnknown: boolean;
}

class Pruning {
  readonly unknown: string[] = [];
  readonly #path: (string | number)[] = [];

  fields(object: JsonObject, schema: StructuralSchema | undefined, manner: Manner): void {
    for (const name in object) {
      if (manner.isResource && typeFields.has(name)) continue;
      const known = schema?.properties.get(name);
      if (known) this.#below(name, object[name], known);
      else if (schema?.additional !== undefined) {
        // Additional properties are allowed; without a schema of theirs, fields below them are unknown.
        this.#below(name, object[name], isTree(schema.additional) ? schema.additional : undefined);
      } else if (!manner.keepsUnknown) this.#drop(object, name);
    }
  }

  /** A list whose unknown fields are kept keeps those of its items too. */
  #items(list: readonly unknown[], schema: StructuralSchema | undefined, keepsUnknown: boolean): void {
    if (keepsUnknown && !schema?.items) return;
    list.forEach((item, i) => {
      this.#below(i, item, schema?.items, keepsUnknown);
    });
  }

  #below(step: string | number, value: unknown, schema: StructuralSchema | undefined, keeps = false): void {
    if (typeof value !== 'object' || value === null) return;
    const keepsUnknown = keeps || schema?.preservesUnknown === true;
    this.#path.push(step);
    this.value(value, schema, keepsUnknown);
    this.#path.pop();
  }

  value(
    value: unknown,
    schema: StructuralSchema | undefined,
    keepsUnknown = schema?.preservesUnknown === true,
  ): void {
    if (Array.isArray(value)) this.#items(value, schema, keepsUnknown);
    else if (isJsonObject(value)) {
      this.fields(value, schema, { isResource: schema?.isEmbeddedResource === true, keepsUnknown });
    }
  }

  #drop(object: JsonObject, name: string): void {
    if (this.#path.length > 0 || !typeFields.has(name)) this.unknown.push(this.#pathOf(name));
    delete object[name];
  }

  #pathOf(name: string): string {
    let text = '';
    for (const step of [...this.#path, name]) {
      if (typeof step === 'number') text += `[${step}]`;
      else text += text === '' ? step : `.${step}`;
    }
    return text;
  }
}
