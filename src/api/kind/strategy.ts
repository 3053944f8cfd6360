/**
 * What only code can define of a kind. The registry (apiserver) calls these in a fixed order; a kind without
 * `validate` is validated by the schema alone.
 *
 *   create: setDefaults → (mutate) → setDefaults → prepareForCreate → validate → warnings → (admit)
 *   update: setDefaults → (mutate) → setDefaults → prepareForUpdate → validateUpdate → warnings → (admit)
 *   status: the same with prepareForStatusUpdate and validateStatusUpdate
 *
 * All functions are pure; those named set/prepare change `object` in place, never `old`.
 */

import type { KubeObject, ObjectMeta } from '../meta/object.ts';
import type { UserInfo } from '../meta/user.ts';
import type { NameRule } from '../meta/validation.ts';
import type { FieldError } from '../validation/field-error.ts';

/** Checks of an update: of its metadata by the kind's rules, of what may not change in it; `validate`; `validateUpdate`. */
export type UpdateCheck = 'metadata' | 'metadataChange' | 'object' | 'change';

export interface SubresourceStrategy<T extends KubeObject = KubeObject> {
  /**
   * Keeps of `object` only the fields that the subresource may change; the rest comes from `old`. `now` in
   * RFC 3339.
   */
  prepareForUpdate(object: T, old: T, now: string): void;
  /** Default: as an update of the object. */
  validateUpdate?(object: T, old: T): FieldError[];
}

export interface Strategy<T extends KubeObject = KubeObject> {
  /** Rule for names. Default: a DNS subdomain. */
  nameRule?: NameRule;
  /** Instead of `nameRule`, where the name follows from the spec: `plural.group` of a definition. */
  nameRuleOf?(object: T): NameRule;
  /** An object that is created without a name gets a UUID as its name. */
  needsNoName?: boolean;
  /** Finalizers need no domain. */
  takesPlainFinalizers?: boolean;
  setDefaults?(object: T): void;
  /**
   * Drops fields of feature gates that are off, before `prepareForCreate` and `prepareForUpdate`: by then they have a
   * manager, as upstream.
   */
  dropDisabled?(object: T): void;
  /**
   * Drops fields that clients may not set on create (status) and sets those that only the server sets. The
   * registry sets generation 1. `now` in RFC 3339; `user` creates it.
   */
  prepareForCreate?(object: T, now: string, user: UserInfo): void;
  /** Sets, after the validation of a new object, what upstream's defaults add when the stored object is read. */
  setStoredDefaults?(object: T): void;
  /** The generation grows if the spec differs as the client sent it, before `prepareForUpdate` drops fields. */
  comparesAsSent?: boolean;
  /** The generation grows, too, if an absent list becomes an empty one. */
  comparesLiterally?: boolean;
  /** Keeps status from `old`; the registry increments generation when `specOf` changed. `now` in RFC 3339. */
  prepareForUpdate?(object: T, old: T, now: string): void;
  /**
   * For a write to `/status`: everything but metadata and status comes from `old`, which is the default.
   * `now` in RFC 3339.
   */
  prepareForStatusUpdate?(object: T, old: T, now: string): void;
  /** Metadata fields that a write to `/status` does not change. Default: none. */
  keptByStatus?: readonly (keyof ObjectMeta)[];
  /**
   * Costly parts of `validate` or, with `old`, of `validateUpdate`: done before, each in a turn of the event loop that
   * has time for it, and remembered for `object`.
   */
  validateAhead?(object: T, old?: T): Iterable<() => void>;
  validate?(object: T): FieldError[];
  /** Default: `validate`. */
  validateUpdate?(object: T, old: T): FieldError[];
  /**
   * What upstream's strategy checks of an update, in its order: a client sees an error once for each time. Default:
   * the change of the metadata, then `validateUpdate`.
   */
  updateChecks?: readonly UpdateCheck[];
  validateStatusUpdate?(object: T, old: T): FieldError[];
  /** For writes to the other subresources, by name: `ephemeralcontainers`, `resize`, `finalize`. */
  subresources?: Readonly<Record<string, SubresourceStrategy<T>>>;
  /**
   * Fields that a write does not set whatever it says, so that no client comes to own them, by subresource (`''`:
   * of the object itself). Default: `status` for the object, `spec` and `keptByStatus` for its status.
   */
  resetFields?: Readonly<Record<string, readonly string[]>>;
  /** The other way round, for a subresource of which only these fields are owned; `*` is any list item. */
  ownsOnly?: Readonly<Record<string, readonly string[]>>;
  /** Text of a Warning header for every request of this kind. */
  deprecation?: string;
  /** Texts of Warning headers about fields that `prepareForCreate` will change. */
  warningsBeforeCreate?(object: T): string[];
  /** Texts of Warning headers. */
  warnings?(object: T, old?: T): string[];
  /** Field selector keys besides metadata.name and metadata.namespace, with this object's values. */
  selectableFields?(object: T): Record<string, string>;
  /**
   * What is indexed of stored objects where versions of a resource are selected by different fields: those of all.
   * Default: `selectableFields`.
   */
  indexedFields?(object: T): Record<string, string>;
  /** Error message for any other field; default: `field label not supported: …`. */
  unsupportedFieldText?(field: string): string;
  /** True if the kind has a generation. Default: if the kind has a `spec` and a `status`. */
  hasGeneration?: boolean;
  /** A new object has no generation: the first change counts as the first. */
  isCountedFromChanges?: boolean;
  /** The part of the object whose changes increment the generation. Default: `spec`. */
  specOf?(object: T): unknown;
  /** Whether PUT may create the object (Lease, Event, Endpoints, …). */
  allowCreateOnUpdate?: boolean;
  /** Whether an update may omit the resourceVersion. Default true. */
  allowUnconditionalUpdate?: boolean;
  /** Grace period of a DELETE in seconds, 0 to delete at once; pods only. */
  gracefulDeletionSeconds?(object: T, requestedSeconds: number | undefined): number;
  /** Whether it has finalizers besides those in the metadata; Namespaces only. */
  hasOwnFinalizers?(object: T): boolean;
  /** Marks an object as terminating while its own finalizers remain. */
  markTerminating?(object: T): void;
  /** An update keeps the stored spec: the request's spec may be of any size. */
  keepsSpec?: boolean;
  /** Validation bounds the bytes of the data in one pass: an object above etcd's limit is answered as invalid. */
  boundsData?: boolean;
  /** Propagation policy when the client sets none; default Background (jobs and rc: orphan as upstream). */
  defaultPropagation?: 'Background' | 'Foreground' | 'Orphan';
}
