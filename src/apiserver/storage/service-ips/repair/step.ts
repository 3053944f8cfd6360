/** What a repair of service addresses does: steps in order, then perhaps another look. */

import type { IPAddress } from '#api/generated/types.gen.ts';
import type { AnyObject, KubeObject } from '#api/meta/object.ts';

export type RepairStep =
  | { readonly do: 'create'; readonly address: IPAddress }
  /** An address that is gone already counts as deleted. */
  | { readonly do: 'delete'; readonly name: string }
  | {
      readonly do: 'warn';
      readonly regarding: KubeObject | AnyObject;
      readonly reason: string;
      readonly message: string;
    };

export interface RepairPlan {
  readonly steps: readonly RepairStep[];
  readonly againInMs?: number;
}
