/** One try at a write: what is to be done to what, by whom. */

import type { AnyObject } from '#api/meta/object.ts';
import { apiserverUser, type UserInfo } from '#api/meta/user.ts';
import type { AdmissionOperation, RequestFacts } from '../../contract/admission.ts';
import type { Allocation } from '../../contract/storage-hooks.ts';
import type { ServedResource, StoredResource } from '../../registry/served-resource.ts';
import type { StorageParts } from '../../registry/storage-parts.ts';
import type { VersionedKind } from './managed-fields/change-owners.ts';

/** Who writes, and how. */
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
   * Comes to own the fields that it changes. Absent where owners are not asked, or have been settled: in
   * bookkeeping, and when a configuration was applied.
   */
  readonly manager?: string;
  /** Of the request, if a caller outside sent one. */
  readonly bodyBytes?: number;
  readonly request?: RequestFacts;
  warn(text: string): void;
}

/** A subresource that shows an object as one of another kind: the Scale of a Deployment. */
export interface ObjectView {
  readonly subresource: string;
  /** The other kind. */
  readonly kind: VersionedKind;
  /** The object as it is shown, with those who own what is shown. */
  of(object: AnyObject): AnyObject;
  /** `object` with what `shown` says of it; throws what is wrong with that. */
  into(object: AnyObject, shown: AnyObject): AnyObject;
}

/**
 * Which stages of the chain a write passes. `object`: of an object that is stored. `view`: of one that is
 * written as it is shown. `bookkeeping`: of the server itself, neither admitted nor validated. `admission`: a
 * deletion, a connection, or an object that is answered and not stored.
 */
export type Course = 'object' | 'view' | 'bookkeeping' | 'admission';

export interface Write extends WriteContext {
  readonly parts: StorageParts;
  readonly served: ServedResource;
  readonly course: Course;
  readonly operation: AdmissionOperation;
  readonly namespace: string;
  /** A mutating webhook may give another one to what is created. */
  name: string;
  /** What the server made the name from, when it did. */
  readonly generateName?: string | undefined;
  readonly view?: ObjectView | undefined;
  object?: AnyObject;
  old?: AnyObject | undefined;
  /** How it is to be deleted. */
  readonly deletion?: object;
  /** Judges an object that is not stored. */
  check?(): Promise<void> | void;
  /** What it has taken from shared pools. */
  allocation?: Allocation | undefined;
}

export interface ObjectWrite extends Write {
  readonly operation: 'CREATE' | 'UPDATE';
  readonly storage: StoredResource;
  /** Of what it replaces; 0 where nothing is to be there. */
  readonly revision: number;
  /** Both until they have been encoded for the store. */
  object: AnyObject;
  old: AnyObject | undefined;
  allocation: Allocation | undefined;
}

/** What came of it: the object as the store has it now, in the served version. */
export interface Written {
  readonly bytes: Uint8Array;
  readonly created: boolean;
  /** The last update of an object that was only waiting for it deleted it. */
  readonly deleted?: boolean;
}

/** The server writing on its own account. */
export const systemContext: WriteContext = {
  user: apiserverUser,
  dryRun: false,
  subresource: '',
  checked: true,
  manager: 'kube-apiserver',
  warn() {},
};
