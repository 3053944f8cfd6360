/**
 * Informers of several identities in one process over one cache for each resource and selection. Before an
 * identity sees anything, the API server is asked whether it may list and watch, and again when roles or
 * bindings change.
 *
 * An unauthorized identity continues with a reflector of its own, as in a process of its own: it gets 403,
 * keeps the objects it had, and catches up when it is authorized again.
 */

import { clusterRoleBindings, clusterRoles, roleBindings, roles } from '#api/generated/kinds.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { BackOff } from '#base/back-off.ts';
import { pause } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '../client.ts';
import { AuthorizedInformer } from './authorized-informer.ts';
import type { Informer, Informers, Selection } from './informer.ts';
import { createInformers, selectionId } from './informers.ts';
import { type PartitionField, Partitions } from './partition.ts';
import { type ReadAccess, ReadRights } from './read-access.ts';
import { reflectorBackOff, runReflector } from './reflector.ts';
import { SharedInformer } from './shared-informer.ts';

/** Roles and bindings change in bursts, and asking again costs two reviews for each view. */
const recheckAfterMs = 1000;

export interface InformerPoolOptions {
  readonly env: Env;
  /** The client that fills the shared caches: may list and watch everything. */
  readonly filler: Client;
  /** Selections by these fields are served as partitions of the whole resource's cache. */
  readonly partitions?: readonly { readonly type: ResourceType; readonly field: PartitionField }[];
}

export interface InformerPool {
  /** The informers of the identity that `client` acts as. */
  as(client: Client): Informers;
  stop(): void;
}

export function createInformerPool(options: InformerPoolOptions): InformerPool {
  return new Pool(options);
}

interface View {
  readonly client: Client;
  readonly rights: ReadRights;
  readonly type: ResourceType;
  readonly selection: Selection;
  readonly informer: AuthorizedInformer<KubeObject>;
}

class Pool implements InformerPool {
  readonly #options: InformerPoolOptions;
  readonly #shared: Informers;
  readonly #partitions = new Map<string, Partitions<KubeObject>>();
  /** Views of shared caches that are authorized by roles and bindings. */
  readonly #byRbac = new Set<View>();
  readonly #stopping = new AbortController();
  #recheckTimer: { cancel(): void } | undefined;
  /** The next recheck is of all views, not only of those of one namespace. */
  #recheckIsOfAll = false;
  #isWatchingRbac = false;

  constructor(options: InformerPoolOptions) {
    this.#options = options;
    this.#shared = createInformers(options.filler, options.env);
  }

  as(client: Client): Informers {
    const known = new Map<string, AuthorizedInformer<KubeObject>>();
    const rights = new ReadRights(client);
    return {
      for: <T extends KubeObject>(type: ResourceType<T>, selection: Selection = {}) => {
        const id = selectionId(type, selection);
        const informer = known.get(id) ?? this.#open({ client, rights, type, selection });
        known.set(id, informer);
        return informer as unknown as Informer<T>;
      },
      async synced() {
        for (let seen = 0; seen < known.size; ) {
          const all = [...known.values()];
          seen = all.length;
          await Promise.all(all.map((informer) => informer.synced()));
        }
      },
      stop: () => {},
    };
  }

  stop(): void {
    this.#stopping.abort();
    this.#recheckTimer?.cancel();
    this.#shared.stop();
  }

  #open(asked: Omit<View, 'informer'>): AuthorizedInformer<KubeObject> {
    const view = { ...asked, informer: new AuthorizedInformer<KubeObject>() };
    void this.#decide(view).then((access) => {
      if (!access) return;
      if (access.isAllowed) view.informer.attach(this.#sharedInformer(view));
      else view.informer.attach(this.#ownInformer(view));
      if (access.isAllowed && access.isByRbac) this.#byRbac.add(view);
    });
    this.#watchRbac();
    return view.informer;
  }

  /** Retries until there is an answer; undefined when the pool stops first. */
  async #decide({ rights, type, selection }: View): Promise<ReadAccess | undefined> {
    const { env } = this.#options;
    const { signal } = this.#stopping;
    const backOff = new BackOff(env, reflectorBackOff);
    while (!signal.aborted) {
      try {
        return await rights.access(type, selection);
      } catch (error) {
        rights.forget();
        env.log.warn('rights could not be looked up', { resource: type.resource, error: String(error) });
        await pause(env.clock, backOff.nextMs(), signal);
      }
    }
    return undefined;
  }

  #sharedInformer({ type, selection }: View): Informer<KubeObject> {
    const { namespace, labelSelector, fieldSelector = '' } = selection;
    const [field, value] = fieldSelector.split('=');
    const partition = this.#options.partitions?.find(
      (known) => known.type === type && known.field.field === field,
    );
    if (!partition || !value || namespace || labelSelector) return this.#shared.for(type, selection);
    const id = selectionId(type, { fieldSelector: partition.field.field });
    const partitions = this.#partitions.get(id) ?? new Partitions(this.#shared.for(type), partition.field);
    this.#partitions.set(id, partitions);
    return partitions.of(value);
  }

  #ownInformer({ client, type, selection }: View): SharedInformer<KubeObject> {
    const { env } = this.#options;
    const own = new SharedInformer<KubeObject>(env);
    const { signal } = this.#stopping;
    void runReflector({ client, env, type, selection, receiver: own, signal });
    return own;
  }

  #watchRbac(): void {
    if (this.#isWatchingRbac) return;
    this.#isWatchingRbac = true;
    for (const type of [clusterRoles, clusterRoleBindings, roles, roleBindings]) {
      const informer = this.#shared.for<KubeObject>(type as ResourceType<KubeObject>);
      const changed = () => informer.hasSynced && this.#recheckSoon(type.namespaced);
      informer.subscribe({ onAdd: changed, onUpdate: changed, onDelete: changed });
    }
  }

  /** What a namespace's roles give never reaches beyond it. */
  #recheckSoon(isOfNamespace: boolean): void {
    const { clock } = this.#options.env;
    this.#recheckIsOfAll ||= !isOfNamespace;
    this.#recheckTimer ??= clock.after(recheckAfterMs, () => {
      this.#recheckTimer = undefined;
      void this.#recheck();
    });
  }

  async #recheck(): Promise<void> {
    const isOfAll = this.#recheckIsOfAll;
    this.#recheckIsOfAll = false;
    for (const { rights } of this.#byRbac) rights.forget();
    for (const view of [...this.#byRbac].filter(({ selection }) => isOfAll || selection.namespace)) {
      const access = await this.#decide(view);
      if (!access || access.isAllowed || !this.#byRbac.delete(view)) continue;
      view.informer.moveTo(this.#ownInformer(view));
    }
  }
}
