/**
 * What only code can say about a kind. The registry (apiserver) calls these in a fixed order; a kind that
 * has no `validate` is checked by the schema alone.
 *
 *   create: setDefaults → (mutating admission, setDefaults again) → prepareForCreate → validate → warnings → admit
 *   update: setDefaults → prepareForUpdate → … → validateUpdate → admit
 *   status: setDefaults → prepareForStatusUpdate → … → validateStatusUpdate
 *
 * All functions are pure; those named set/prepare change `object` in place, never `old`.
 */

import type { KubeObject, ObjectMeta } from '../meta/object.ts';
import type { NameRule } from '../meta/validation.ts';
import type { FieldError } from '../validation/field-error.ts';

export interface SubresourceStrategy<T extends KubeObject = KubeObject> {
  /** Leaves of `object` only what the subresource may change; the rest comes from `old`. `now` in RFC 3339. */
  prepareForUpdate(object: T, old: T, now: string): void;
  /** Default: as an update of the object. */
  validateUpdate?(object: T, old: T): FieldError[];
  /** A write to it asks for what the kind may have to say is `unbuilt`, as making the object does. */
  readonly asksForUnbuilt?: boolean;
}

export interface Strategy<T extends KubeObject = KubeObject> {
  /** How names are formed. Default: a DNS subdomain. */
  nameRule?: NameRule;
  setDefaults?(object: T): void;
  /** Drops what a creator may not set (status) and sets what only the server sets. The registry sets generation 1. `now` in RFC 3339. */
  prepareForCreate?(object: T, now: string): void;
  /** Keeps status from `old`; the registry bumps generation when `specOf` changed. */
  prepareForUpdate?(object: T, old: T): void;
  /** For a write to `/status`: all but metadata and status comes from `old`. Default does just that. `now` in RFC 3339. */
  prepareForStatusUpdate?(object: T, old: T, now: string): void;
  /** The metadata that a write to `/status` leaves as it was. Default: none of it. */
  keptByStatus?: readonly (keyof ObjectMeta)[];
  validate?(object: T): FieldError[];
  validateUpdate?(object: T, old: T): FieldError[];
  validateStatusUpdate?(object: T, old: T): FieldError[];
  /** Of writes to the other subresources, by name: `ephemeralcontainers`, `resize`, `finalize`. */
  subresources?: Readonly<Record<string, SubresourceStrategy<T>>>;
  /** The Warning header of every request for this kind. */
  deprecation?: string;
  /** Texts of Warning headers about what `prepareForCreate` is going to change. */
  warningsBeforeCreate?(object: T): string[];
  /** Texts of the Warning headers. */
  warnings?(object: T, old?: T): string[];
  /** Field selector keys beyond metadata.name and metadata.namespace, with this object's values. */
  selectableFields?(object: T): Record<string, string>;
  /** What is said of any other field; default: `field label not supported: …`. */
  unsupportedFieldText?(field: string): string;
  /** True when the kind has a generation that spec changes bump. Default: when the kind has a `spec` and a `status`. */
  hasGeneration?: boolean;
  /** The part of the object that bumps the generation when it changes. Default: `spec`. */
  specOf?(object: T): unknown;
  /** May PUT create the object (Lease, Event, Endpoints, …)? */
  allowCreateOnUpdate?: boolean;
  /** May an update come without a resourceVersion? Default true. */
  allowUnconditionalUpdate?: boolean;
  /** `DELETE` waits so long for the kubelet; pods only. Returns seconds, 0 to delete at once. */
  gracefulDeletionSeconds?(object: T, requestedSeconds: number | undefined): number;
  /** Has it finalizers of its own, beside those of the metadata, that keep it while it is being deleted? Namespaces only. */
  hasOwnFinalizers?(object: T): boolean;
  /** Marks an object that waits for its own finalizers. */
  markTerminating?(object: T): void;
  /** An update stores the spec that was there: what a request says of it may be of any size. */
  keepsSpec?: boolean;
  /** Propagation policy when the caller names none; default Background (jobs and rc: orphan as upstream). */
  defaultPropagation?: 'Background' | 'Foreground' | 'Orphan';
}
