/**
 * The pods of a namespace as the server has them, for many askers at once: who asks while a list is on its
 * way gets the next one, which begins after the question, and shares it with all who asked meanwhile.
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

  /** Pods that `keep` refuses are of no interest. */
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
