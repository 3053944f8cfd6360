/**
 * What the resources of one schema add to an OpenAPI document, in its encoding: built once, and again only when they
 * change. A custom resource has a schema of its own, so that one more of them costs the same however many there are.
 */

import { createHash } from 'node:crypto';
import type { DescribedResource } from '../schema/schema.ts';

export interface Content {
  readonly paths: Readonly<Record<string, unknown>>;
  readonly definitions: Readonly<Record<string, unknown>>;
}

export interface Fragment {
  readonly paths: Uint8Array;
  /** By name: several schemas have ObjectMeta. */
  readonly definitions: ReadonlyMap<string, Uint8Array>;
  readonly hash: string;
}

export interface FragmentWriter {
  /** The content for resources of one schema. */
  contentOf(resources: readonly DescribedResource[]): Content;
  path(name: string, item: unknown): Uint8Array;
  definition(name: string, schema: unknown): Uint8Array;
  /** With the separators of the encoding between them. */
  separated(entries: readonly Uint8Array[]): readonly Uint8Array[];
}

interface Built {
  readonly of: readonly DescribedResource[];
  readonly fragment: Fragment;
}

export class Fragments {
  readonly #writer: FragmentWriter;
  /** By the first resource of the schema. */
  readonly #built = new WeakMap<DescribedResource, Built>();

  constructor(writer: FragmentWriter) {
    this.#writer = writer;
  }

  of(resources: readonly DescribedResource[]): Fragment[] {
    return groupsOf(resources).map((group) => this.#of(group));
  }

  /** Builds what is not there yet, one schema after the other. */
  async prepare(resources: readonly DescribedResource[], pause: () => Promise<void>): Promise<void> {
    for (const group of groupsOf(resources)) {
      if (this.#known(group)) continue;
      this.#of(group);
      await pause();
    }
  }

  /** Entries in the order of these fragments: of definitions with the same name the last counts. */
  entriesOf(parts: readonly Fragment[]): {
    paths: readonly Uint8Array[];
    definitions: readonly Uint8Array[];
  } {
    const paths = parts.map((part) => part.paths).filter(({ length }) => length > 0);
    const definitions = new Map(parts.flatMap((part) => [...part.definitions]));
    const { separated } = this.#writer;
    return { paths: separated(paths), definitions: separated([...definitions.values()]) };
  }

  #of(group: readonly DescribedResource[]): Fragment {
    const known = this.#known(group);
    if (known) return known;
    const fragment = this.#build(group);
    this.#built.set(group[0]!, { of: group, fragment });
    return fragment;
  }

  #known(group: readonly DescribedResource[]): Fragment | undefined {
    const known = this.#built.get(group[0]!);
    return known && isSame(known.of, group) ? known.fragment : undefined;
  }

  #build(group: readonly DescribedResource[]): Fragment {
    const writer = this.#writer;
    const content = writer.contentOf(group);
    const items = Object.entries(content.paths).map(([name, item]) => writer.path(name, item));
    const paths = Buffer.concat(writer.separated(items));
    const definitions = new Map(
      Object.entries(content.definitions).map(([name, schema]) => [name, writer.definition(name, schema)]),
    );
    const hash = createHash('sha512').update(paths);
    for (const bytes of definitions.values()) hash.update(bytes);
    return { paths, definitions, hash: hash.digest('hex') };
  }
}

function groupsOf(resources: readonly DescribedResource[]): DescribedResource[][] {
  return [...Map.groupBy(resources, ({ schema }) => schema).values()];
}

export function isSame(a: readonly object[], b: readonly object[]): boolean {
  return a.length === b.length && a.every((each, i) => each === b[i]);
}

const comma = Buffer.from(',');

/** As members of a JSON object. */
export const jsonEntries: Omit<FragmentWriter, 'contentOf'> = {
  path: jsonMember,
  definition: jsonMember,
  separated: (entries) => entries.flatMap((entry, i) => (i === 0 ? [entry] : [comma, entry])),
};

function jsonMember(name: string, value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(name)}:${JSON.stringify(value)}`);
}
