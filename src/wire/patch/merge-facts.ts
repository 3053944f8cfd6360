/** What a strategic merge patch must know about the types it merges. */

export interface MergeField {
  /** The type of the object or of the list's elements, by the name that `MergeFacts` knows it by. */
  readonly type: string;
  readonly patchStrategy?: string;
  readonly patchMergeKey?: string;
}

/** Facts about types for strategic merge; `api` answers from the schema. */
export interface MergeFacts {
  /** Throws a `PatchMergeError` for a type that has no fields, and for a field that the type does not have. */
  field(typeName: string, field: string): MergeField;
}
