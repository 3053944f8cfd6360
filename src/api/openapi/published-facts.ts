/** What upstream publishes of its types that does not follow from the schema: read when a document is first built. */

import file from './published-facts.gen.json' with { type: 'json' };

export type JsonSchema = Record<string, unknown>;

export interface TypeFacts {
  /** The schema, of a type that is a single value for the compact schema. */
  readonly schema?: JsonSchema;
  /** In upstream's order. */
  readonly required?: readonly string[];
  readonly unions?: readonly object[];
  /** Schemas of fields. */
  readonly fields?: Readonly<Record<string, JsonSchema>>;
}

interface PublishedFacts {
  readonly types: Readonly<Record<string, TypeFacts>>;
  /** Types whose deletion answers with the object. */
  readonly returnedWhenDeleted: ReadonlySet<string>;
  /** `group/version` of all that upstream's program knows, served or not: each has its own DeleteOptions and WatchEvent. */
  readonly apiVersions: readonly string[];
}

let facts: PublishedFacts | undefined;

export function publishedFacts(): PublishedFacts {
  facts ??= {
    types: file.types as PublishedFacts['types'],
    returnedWhenDeleted: new Set(file.returnedWhenDeleted),
    apiVersions: file.apiVersions,
  };
  return facts;
}
