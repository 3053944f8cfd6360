/** One attempt at a write: its object, operation and user, and the parts of the server that it needs. */

import type { AnyObject } from '#api/meta/object.ts';
import { apiserverUser, type UserInfo } from '#api/meta/user.ts';
import type { AdmissionOperation, RequestFacts } from '../../contract/admission.ts';
import type { Allocation } from '../../contract/storage-hooks.ts';
import type { ServedResource, StoredResource } from '../../registry/served-resource.ts';
import type { StorageParts } from '../../registry/storage-parts.ts';
import type { VersionedKind } from './managed-fields/change-managers.ts';

/** The user of a write, and the options of its request. */
export interface WriteContext {
  readonly user: UserInfo;
  readonly dryRun: boolean;
  readonly subresource: string;
  /** False for the server's own bookkeeping: neither admission nor validation. */
  readonly checked: boolean;
  /**
   * The request names no object: it deletes all of a collection. Admission sees no name then, as upstream.
   */
  readonly isForCollection?: boolean;
  /**
   * The field manager of the write. Absent where managedFields stay as they are: in bookkeeping, and after an
   * apply, which has set them.
   */
  readonly manager?: string;
  /** Of the request's body; absent for a write of the server itself. */
  readonly bodyBytes?: number;
  readonly request?: RequestFacts;
  warn(text: string): void;
}

/** A subresource that shows an object as another kind: the Scale of a Deployment. */
export interface ObjectView {
  readonly subresource: string;
  /** The shown kind. */
  readonly kind: VersionedKind;
  /** The shown object, with the managers of its fields. */
  of(object: AnyObject): AnyObject;
  /** `object` with the fields of `shown` written back; throws when they are invalid. */
  into(object: AnyObject, shown: AnyObject): AnyObject;
}

/**
 * Which stages of the chain a write passes. `object`: of a stored object. `view`: of an `ObjectView`.
 * `bookkeeping`: of the server itself, neither admitted nor validated. `admission`: a deletion, a connection,
 * or an object that is answered and not stored.
 */
export type Course = 'object' | 'view' | 'bookkeeping' | 'admission';

export interface Write extends WriteContext {
  readonly parts: StorageParts;
  readonly served: ServedResource;
  readonly course: Course;
  readonly operation: AdmissionOperation;
  readonly namespace: string;
  /** A mutating webhook may change the name of an object that is created. */
  name: string;
  /** Set when the server generated the name. */
  readonly generateName?: string | undefined;
  readonly view?: ObjectView | undefined;
  object?: AnyObject;
  old?: AnyObject | undefined;
  /** The DeleteOptions of a deletion. */
  readonly deletion?: object;
  /** Of an object that is not stored: it is what the request is answered with. */
  readonly isAnswered?: boolean;
  /** Validates an object that is not stored. */
  check?(): Promise<void> | void;
  /** What the write has allocated from shared pools: cluster IPs, node ports. */
  allocation?: Allocation | undefined;
}

export interface ObjectWrite extends Write {
  readonly operation: 'CREATE' | 'UPDATE';
  readonly storage: StoredResource;
  /** Of the object that is replaced; 0 for a create. */
  readonly revision: number;
  /** `object` and `old` are released once they have been encoded for the store. */
  object: AnyObject;
  old: AnyObject | undefined;
  allocation: Allocation | undefined;
}

/** The outcome of a write: the object as the store has it now, in the served version. */
export interface Written {
  readonly bytes: Uint8Array;
  readonly created: boolean;
  /** The update removed the last finalizer of a terminating object, which deleted it. */
  readonly deleted?: boolean;
}

/** Of writes that the server itself makes. */
export const systemContext: WriteContext = {
  user: apiserverUser,
  dryRun: false,
  subresource: '',
  checked: true,
  manager: 'kube-apiserver',
  warn() {},
};
