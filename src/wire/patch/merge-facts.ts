/** What a strategic merge patch must know of the types it merges. */

export interface MergeField {
  /** The type of the object, of the list's elements or of the map's values, where that is an object. */
  readonly type?: string;
  readonly patchStrategy?: string;
  readonly patchMergeKey?: string;
}

/** What strategic merge has to know about types; `api` answers from the schema. */
export interface MergeFacts {
  /** `typeName` is undefined inside of what the schema does not know. */
  field(typeName: string | undefined, field: string): MergeField;
}
