/** The slices of one controller, by their service, and the actions for a new layout of them. */

import { endpointSlices } from '#api/generated/kinds.gen.ts';
import type { EndpointSlice } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type Action, targetOf } from '#client/controllers/plan.ts';
import { type Watch, watch } from '#client/controllers/watch.ts';
import type { Informer, Informers } from '#client/informers/informer.ts';
import { serviceNameLabel } from './service-backends.ts';
import type { SliceLayout } from './slice-layout.ts';

export const managedByLabel = 'endpointslice.kubernetes.io/managed-by';
const byManagerAndService = 'slices by manager and service';

export class ManagedSlices {
  readonly #manager: string;
  readonly #slices: Informer<EndpointSlice>;

  constructor(manager: string, informers: Informers) {
    this.#manager = manager;
    this.#slices = informers.for(endpointSlices);
    this.#slices.addIndex(byManagerAndService, (slice) => [indexKey(managerOf(slice), serviceKey(slice))]);
  }

  get watch(): Watch {
    return watch({
      type: endpointSlices,
      owner: (slice) => (managerOf(slice) === this.#manager ? serviceKey(slice) : undefined),
    });
  }

  of(key: string): Stored<EndpointSlice>[] {
    return this.#slices
      .byIndex(byManagerAndService, indexKey(this.#manager, key))
      .filter(({ metadata }) => !metadata.deletionTimestamp);
  }
}

/**
 * Slices have generated names: created from a stale view, they would exist twice. So their creation is
 * expected.
 */
export function sliceActions(layout: SliceLayout): Action[] {
  const type = endpointSlices;
  const creations = layout.create.map((object): Action => ({ do: 'create', type, object }));
  return [
    ...(creations.length > 0 ? [{ do: 'together', actions: creations, expected: true } as const] : []),
    ...layout.update.map((object): Action => ({ do: 'update', type, object })),
    ...layout.delete.map((slice): Action => {
      return { do: 'delete', ...targetOf(type, slice), uid: slice.metadata.uid };
    }),
  ];
}

function managerOf({ metadata }: Stored<EndpointSlice>): string {
  return metadata.labels?.[managedByLabel] ?? '';
}

function serviceKey({ metadata }: Stored<EndpointSlice>): string {
  return `${metadata.namespace}/${metadata.labels?.[serviceNameLabel] ?? ''}`;
}

function indexKey(manager: string, key: string): string {
  return `${manager} ${key}`;
}
