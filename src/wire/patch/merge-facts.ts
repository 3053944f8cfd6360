/** What a strategic merge patch must know about the types it merges. */

export interface MergeField {
  /** The type of the object, of the list's elements or of the map's values, if that is an object. */
  readonly type?: string;
  readonly patchStrategy?: string;
  readonly patchMergeKey?: string;
}

/** Facts about types for strategic merge; `api` answers from the schema. */
export interface MergeFacts {
  /** `typeName` is undefined inside fields that the schema does not know. */
  field(typeName: string | undefined, field: string): MergeField;
}
