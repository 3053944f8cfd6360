/** A watch whose events are kept as they come, so that a behaviour can act and then check the events. */

import type { KubeObject, Stored, WatchEventObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { WatchOptions } from '#client/client.ts';
import { eventually } from '../../support/cluster.ts';
import type { BehaviourContext } from '../behaviour.ts';

type Event<T extends KubeObject> = WatchEventObject<Stored<T>>;

export interface Watching<T extends KubeObject> {
  readonly events: readonly Event<T>[];
  /** The first event for which `test` holds, now or later. */
  until(what: string, test: (event: Event<T>) => boolean, timeoutMs?: number): Promise<Event<T>>;
  stop(): void;
}

export function startWatch<T extends KubeObject>(
  context: BehaviourContext,
  type: ResourceType<T>,
  options: WatchOptions,
): Watching<T> {
  const events: Event<T>[] = [];
  const abort = new AbortController();
  let failure: unknown;
  const reading = async () => {
    const watch = context.client.watch(type, { ...options, signal: abort.signal });
    for await (const event of watch) events.push(event);
  };
  reading().catch((error: unknown) => {
    failure = error;
  });
  context.after(async () => abort.abort());
  return {
    events,
    async until(what, test, timeoutMs) {
      let found: Event<T> | undefined;
      const seen = () => {
        if (failure) throw failure;
        found = events.find(test);
        return found !== undefined;
      };
      await eventually(what, seen, timeoutMs);
      return found!;
    },
    stop: () => abort.abort(),
  };
}

/** Watches from the state of now on. */
export async function watchFromNow<T extends KubeObject>(
  context: BehaviourContext,
  type: ResourceType<T>,
  options: WatchOptions = {},
): Promise<Watching<T>> {
  const { metadata } = await context.client.list(type, options);
  return startWatch(context, type, { ...options, resourceVersion: metadata.resourceVersion ?? '' });
}
