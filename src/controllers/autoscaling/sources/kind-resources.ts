/** Which resources have a kind: built-in ones are known, others are looked up in the server's discovery. */

import { kinds } from '#api/kinds/kinds.ts';
import { type ResourceType, resourceType } from '#api/meta/resource.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Clock } from '#base/clock.ts';
import { RecentMap } from '#base/collections/recent-map.ts';
import { encodePath } from '#base/net/url-path.ts';
import { fieldsOf, itemsOf, textOf } from './decode.ts';
import type { Requests } from './requests.ts';

const known = Map.groupBy(
  kinds.map(({ type }) => type),
  ({ group, kind }) => `${kind}.${group}`,
);
/** As upstream's controller manager renews its own. */
const lifeMs = 30_000;
const keptMax = 1_000;
const what = 'discovery';

/** At least one. */
export type Resources = readonly [ResourceType, ...ResourceType[]];

interface Kept {
  readonly resources: Resources;
  readonly untilMs: number;
}

export class KindResources {
  readonly #requests: Requests;
  readonly #clock: Clock;
  readonly #kept = new RecentMap<string, Kept>(keptMax);

  constructor(requests: Requests, clock: Clock) {
    this.#requests = requests;
    this.#clock = clock;
  }

  /** In the version that the server prefers. Throws upstream's error when there is none. */
  async of(group: string, kind: string): Promise<Resources> {
    const id = `${kind}.${group}`;
    const [builtIn] = known.get(id) ?? [];
    if (builtIn) return [builtIn];
    const nowMs = this.#clock.monotonicMs();
    const kept = this.#kept.get(id);
    if (kept && kept.untilMs > nowMs) return kept.resources;
    const resources = await this.#discover(group, kind);
    this.#kept.set(id, { resources, untilMs: nowMs + lifeMs });
    return resources;
  }

  async #discover(group: string, kind: string): Promise<Resources> {
    for (const version of await this.#versionsOf(group)) {
      const [first, ...more] = await this.#resourcesOf(group, version, kind);
      if (first) return [first, ...more];
    }
    throw new Error(`no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(group)}`);
  }

  /** The preferred one first. */
  async #versionsOf(group: string): Promise<readonly string[]> {
    if (group === '') return ['v1'];
    const document = fieldsOf(await this.#orNothing(`/apis/${encodePath(group)}`, group), what);
    const versions = itemsOf({ items: document['versions'] }, what).map(({ version }) => textOf(version));
    const preferred = textOf(fieldsOf(document['preferredVersion'] ?? {}, what)['version']);
    return preferred === '' ? versions : [preferred, ...versions.filter((version) => version !== preferred)];
  }

  async #resourcesOf(group: string, version: string, kind: string): Promise<readonly ResourceType[]> {
    const root = group === '' ? '/api' : `/apis/${encodePath(group)}`;
    const document = fieldsOf(await this.#orNothing(`${root}/${encodePath(version)}`, group), what);
    return itemsOf({ items: document['resources'] }, what)
      .map((resource) => ({ name: textOf(resource['name']), of: textOf(resource['kind']), ...resource }))
      .filter(({ name, of }) => of === kind && !name.includes('/'))
      .map(({ name, ...resource }) =>
        resourceType(group, version, name, kind, (resource as { namespaced?: boolean }).namespaced === true),
      );
  }

  async #orNothing(path: string, group: string): Promise<unknown> {
    try {
      return await this.#requests.get(path, { group, resource: path });
    } catch (error) {
      if (error instanceof StatusError && error.code === 404) return {};
      throw error;
    }
  }
}
