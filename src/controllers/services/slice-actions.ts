/** Turns a layout of slices into steps, and knows when the view of the slices is too old to lay out again. */

import { endpointSlices } from '#api/generated/kinds.gen.ts';
import type { EndpointSlice } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { Action, ControllerContext } from '#client/controllers/controller.ts';
import { Expectations } from '#client/controllers/expectations.ts';
import type { Informer } from '#client/informers/informer.ts';
import { serviceNameLabel } from './service-backends.ts';
import type { SliceLayout } from './slice-layout.ts';

export const managedByLabel = 'endpointslice.kubernetes.io/managed-by';
const byManagerAndService = 'slices by manager and service';

/** The slices one manager keeps, by the service they are for. */
export class ManagedSlices {
  private readonly manager: string;
  private readonly slices: Informer<EndpointSlice>;
  /** Slices have generated names: made twice from an old view, they would be there twice. */
  private readonly book: Expectations;

  constructor(manager: string, context: ControllerContext) {
    this.manager = manager;
    this.book = new Expectations(context.env.clock);
    this.slices = context.informers.for(endpointSlices);
    this.slices.addIndex(byManagerAndService, (slice) => [indexKey(managerOf(slice), serviceKey(slice))]);
    const enqueue = (slice: Stored<EndpointSlice>) => {
      if (managerOf(slice) === manager) context.enqueue(serviceKey(slice));
    };
    this.slices.subscribe({
      onAdd: (slice) => {
        if (managerOf(slice) === manager) this.book.creationSeen(serviceKey(slice));
        enqueue(slice);
      },
      onUpdate: (old, slice) => {
        if (serviceKey(old) !== serviceKey(slice) || managerOf(old) !== managerOf(slice)) enqueue(old);
        enqueue(slice);
      },
      onDelete: enqueue,
    });
  }

  of(key: string): Stored<EndpointSlice>[] {
    return this.slices
      .byIndex(byManagerAndService, indexKey(this.manager, key))
      .filter(({ metadata }) => !metadata.deletionTimestamp);
  }

  isCurrent(key: string): boolean {
    return this.book.satisfied(key);
  }

  forget(key: string): void {
    this.book.forget(key);
  }

  actions(key: string, layout: SliceLayout): Action[] {
    const actions: Action[] = [];
    if (layout.create.length > 0) {
      actions.push({
        do: 'together',
        actions: layout.create.map((object) => ({ do: 'create', type: endpointSlices, object })),
        expectations: { book: this.book, key },
      });
    }
    for (const object of layout.update) actions.push({ do: 'update', type: endpointSlices, object });
    for (const { metadata } of layout.delete) {
      const { namespace, name, uid } = metadata;
      actions.push({ do: 'delete', type: endpointSlices, namespace: namespace!, name, uid });
    }
    return actions;
  }
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
