/** What a resource takes from shared pools around its writes, and gives back. */

import type { AnyObject } from '#api/meta/object.ts';

/** What must happen around storing an object of one kind: the allocation of cluster IPs and node ports. */
export interface StorageHooks {
  readonly group: string;
  readonly resource: string;
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
