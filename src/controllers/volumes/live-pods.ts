/**
 * The pods of a namespace from the server, shared by concurrent callers: a caller during a running list gets
 * the next one, which starts after the call, and shares it with all other such callers.
 */

import { pods as podsType } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { ReadClient } from '#client/client.ts';
import { eachPage } from '#client/rest/pages.ts';

interface Lists {
  current: Promise<Stored<Pod>[]>;
  next: Promise<Stored<Pod>[]> | undefined;
}

export class LivePods {
  readonly #client: ReadClient;
  readonly #keep: (pod: Stored<Pod>) => boolean;
  readonly #byNamespace = new Map<string, Lists>();

  /** Pods for which `keep` returns false are dropped. */
  constructor(client: ReadClient, keep: (pod: Stored<Pod>) => boolean) {
    this.#client = client;
    this.#keep = keep;
  }

  list(namespace: string): Promise<Stored<Pod>[]> {
    const lists = this.#byNamespace.get(namespace);
    if (lists) {
      lists.next ??= lists.current.then(
        () => this.#begin(namespace),
        () => this.#begin(namespace),
      );
      return lists.next;
    }
    return this.#begin(namespace);
  }

  #begin(namespace: string): Promise<Stored<Pod>[]> {
    const lists: Lists = { current: this.#fetch(namespace), next: undefined };
    this.#byNamespace.set(namespace, lists);
    const forget = () => {
      if (this.#byNamespace.get(namespace) === lists && !lists.next) this.#byNamespace.delete(namespace);
    };
    void lists.current.then(forget, forget);
    return lists.current;
  }

  async #fetch(namespace: string): Promise<Stored<Pod>[]> {
    const kept: Stored<Pod>[] = [];
    await eachPage(this.#client, podsType, { namespace }, (items) => {
      for (const pod of items) if (this.#keep(pod)) kept.push(pod);
    });
    return kept;
  }
}
