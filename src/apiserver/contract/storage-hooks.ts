/** What a resource takes from shared pools around its writes, and gives back. */

import type { AnyObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { UserInfo } from '#api/meta/user.ts';
import type { FieldError } from '#api/validation/field-error.ts';

/** A create or update of a whole object, as the storage of its kind judges it. */
export interface JudgedWrite {
  readonly type: ResourceType;
  readonly namespace: string;
  /** As the request says it: empty for a create. The object has none yet either where it is to be generated. */
  readonly name: string;
  readonly object: AnyObject;
  readonly old: AnyObject | undefined;
  readonly user: UserInfo;
  /** Of the request: `create`, `update` or `patch`. */
  readonly verb: string;
}

/** What must happen around storing an object of one kind: the allocation of cluster IPs and node ports. */
export interface StorageHooks {
  readonly group: string;
  readonly resource: string;
  /** Throws to refuse: after admission has changed the object, before all else. */
  judge?(write: JudgedWrite): Promise<void>;
  /** All errors of the write: those for what its author may not say, and `invalid`, which validation has found. */
  permit?(write: JudgedWrite, invalid: readonly FieldError[]): Promise<readonly FieldError[]>;
  /** The same for a write of the status. */
  permitStatus?(write: JudgedWrite, invalid: readonly FieldError[]): Promise<readonly FieldError[]>;
  /** Before validation; changes `object` in place. A dry run takes nothing. */
  begin?(object: AnyObject, old: AnyObject | undefined, dryRun: boolean): Promise<Allocation>;
  afterDelete?(object: AnyObject): Promise<void>;
}

/** What a write has taken from shared pools. Neither function throws. */
export interface Allocation {
  /** The write failed: releases what it took. */
  undo(): Promise<void>;
  /** The object is stored: gives back what only its old state held. */
  done(): Promise<void>;
}
