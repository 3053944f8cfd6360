/**
 * The ConfigMap `website-hosts` in the operator's namespace: which Service answers for which host, for a proxy at the
 * edge. It is shared by all websites and lies in another namespace than they do, so no garbage collector cleans it:
 * that is what a website's finalizer is for.
 */

import { hostsOf, type Website } from '../api/v1.ts';
import { type ClusterClient, ifFound } from '../cluster-client.ts';

export class HostTable {
  readonly #client: Pick<ClusterClient, 'core' | 'merge' | 'apply'>;
  readonly #namespace: string;
  readonly #name = 'website-hosts';

  constructor(client: Pick<ClusterClient, 'core' | 'merge' | 'apply'>, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
  }

  publish(website: Website): Promise<void> {
    return this.#write(website, hostsOf(website));
  }

  remove(website: Website): Promise<void> {
    return this.#write(website, []);
  }

  /** Also removes aliases that the website had and has no more. Writes nothing when nothing changes. */
  async #write(website: Website, hosts: readonly string[]): Promise<void> {
    const address = addressOf(website);
    const data = await this.#read();
    const obsolete = Object.keys(data).filter((host) => data[host] === address && !hosts.includes(host));
    const missing = hosts.filter((host) => data[host] !== address);
    if (obsolete.length + missing.length === 0) return;
    const changes = [...obsolete.map((host) => [host, null]), ...missing.map((host) => [host, address])];
    await this.#client.merge({ ...this.#identity, data: Object.fromEntries(changes) });
  }

  async #read(): Promise<Record<string, string>> {
    const name = { namespace: this.#namespace, name: this.#name };
    const table = await ifFound(this.#client.core.readNamespacedConfigMap(name));
    if (!table) await this.#client.apply(this.#identity);
    return table?.data ?? {};
  }

  get #identity() {
    return {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: this.#namespace, name: this.#name },
    };
  }
}

function addressOf({ metadata }: Website): string {
  return `${metadata?.name}.${metadata?.namespace}.svc:80`;
}
