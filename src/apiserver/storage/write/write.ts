/** One try at writing one object: what is to be written, over what, by whom. */

import type { AnyObject } from '#api/meta/object.ts';
import type { UserInfo } from '#api/meta/user.ts';
import type { Allocation } from '../../contract/contract.ts';
import type { ServedResource, StoredResource } from '../../registry/served-resource.ts';
import type { StorageParts } from '../../registry/storage-parts.ts';

/** Who writes, and how. */
export interface WriteContext {
  readonly user: UserInfo;
  readonly dryRun: boolean;
  readonly subresource: string;
  /** False for the server's own bookkeeping: neither admission nor validation. */
  readonly checked: boolean;
  /** Of the request, if a caller outside sent one. */
  readonly bodyBytes?: number;
  warn(text: string): void;
}

export interface Write extends WriteContext {
  readonly parts: StorageParts;
  readonly served: ServedResource;
  readonly storage: StoredResource;
  readonly operation: 'CREATE' | 'UPDATE';
  readonly namespace: string;
  readonly name: string;
  /** What the server made the name from, when it did. */
  readonly generateName: string | undefined;
  /** Both until they have been encoded for the store. */
  object: AnyObject;
  old: AnyObject | undefined;
  /** What it has taken from shared pools. */
  allocation: Allocation | undefined;
}

/** What came of it: the object as the store has it now, in the served version. */
export interface Written {
  readonly bytes: Uint8Array;
  readonly created: boolean;
  /** The last update of an object that was only waiting for it deleted it. */
  readonly deleted?: boolean;
}

const systemUser: UserInfo = { name: 'system:apiserver', groups: ['system:masters'] };

/** The server writing on its own account. */
export const systemContext: WriteContext = {
  user: systemUser,
  dryRun: false,
  subresource: '',
  checked: true,
  warn() {},
};
