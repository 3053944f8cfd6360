/** Metrics of pods and other objects, from `custom.metrics.k8s.io`, in the version that the cluster prefers. */

import type { CrossVersionObjectReference } from '#api/generated/types.gen.ts';
import { groupResource } from '#api/meta/resource.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Selector } from '#api/selectors/selector.ts';
import type { Clock } from '#base/clock.ts';
import { encodePath } from '#base/net/url-path.ts';
import type { PodMetric, PodMetrics } from '../replicas/pod-groups.ts';
import { type Fields, fieldsOf, itemsOf, textOf, thousandthsOf, timeMsOf } from './decode.ts';
import type { KindResources } from './kind-resources.ts';
import type { Requests } from './requests.ts';
import { NoMetrics } from './resource-metrics.ts';

const group = 'custom.metrics.k8s.io';
const api = 'custom metrics API';
/** In the order in which upstream prefers them. */
const knownVersions = ['v1beta2', 'v1beta1'];
const versionLifeMs = 15_000;
const windowDefaultMs = 60_000;

interface Asked {
  readonly namespace: string;
  readonly metric: string;
  readonly metricSelector: Selector;
}

export class CustomMetrics {
  readonly #requests: Requests;
  readonly #kinds: KindResources;
  readonly #clock: Clock;
  #version: { readonly name: string; readonly untilMs: number } | undefined;

  constructor(requests: Requests, kinds: KindResources, clock: Clock) {
    this.#requests = requests;
    this.#kinds = kinds;
    this.#clock = clock;
  }

  async ofPods(asked: Asked, selector: Selector): Promise<PodMetrics> {
    const at = `pods/*/${encodePath(asked.metric)}`;
    const items = await this.#values(asked, at, { resource: 'pods', name: '*' }, selector);
    if (items.length === 0) throw new NoMetrics(`no metrics returned from ${api}`);
    return new Map(items.map((item) => [describedName(item), podMetricOf(item)]));
  }

  /** A Namespace is the autoscaler's own, whatever its name. In thousandths. */
  async ofObject(asked: Asked, { apiVersion, kind, name }: CrossVersionObjectReference): Promise<bigint> {
    const slash = apiVersion?.indexOf('/') ?? -1;
    const objectGroup = slash === -1 ? '' : apiVersion!.slice(0, slash);
    const isNamespace = kind === 'Namespace' && objectGroup === '';
    const resource = isNamespace ? 'metrics' : await this.#resourceOf(objectGroup, kind);
    const metric = encodePath(asked.metric);
    const at = isNamespace ? `metrics/${metric}` : `${resource}/${encodePath(name)}/${metric}`;
    const about = { resource, name: isNamespace ? asked.metric : name };
    const items = await this.#values(asked, at, about);
    if (items.length !== 1) {
      const expected = `${items.length} results when we asked for exactly one`;
      throw new Error(`the custom metrics API server returned ${expected}`);
    }
    return thousandthsOf(items[0]!['value']);
  }

  async #values(
    { namespace, metricSelector }: Asked,
    at: string,
    about: { readonly resource: string; readonly name: string },
    selector?: Selector,
  ): Promise<readonly Fields[]> {
    const version = await this.#preferredVersion();
    const query = new URLSearchParams();
    if (selector?.toString()) query.set('labelSelector', selector.toString());
    if (metricSelector.toString()) query.set('metricLabelSelector', metricSelector.toString());
    const path = `/apis/${group}/${version}/namespaces/${encodePath(namespace)}/${at}`;
    const subject = { group, resource: `${about.resource}.${group}`, name: about.name };
    return itemsOf(await this.#requests.get(query.size === 0 ? path : `${path}?${query}`, subject), api);
  }

  async #resourceOf(objectGroup: string, kind: string): Promise<string> {
    try {
      const [resource] = await this.#kinds.of(objectGroup, kind);
      return groupResource(resource);
    } catch (error) {
      const named = objectGroup === '' ? kind : `${kind}.${objectGroup}`;
      throw new Error(`unable to map kind ${named} to resource: ${(error as Error).message}`);
    }
  }

  async #preferredVersion(): Promise<string> {
    const nowMs = this.#clock.monotonicMs();
    if (this.#version && this.#version.untilMs > nowMs) return this.#version.name;
    const name = preferredOf(await this.#groupDocument());
    this.#version = { name, untilMs: nowMs + versionLifeMs };
    return name;
  }

  async #groupDocument(): Promise<Fields> {
    try {
      return fieldsOf(await this.#requests.get(`/apis/${group}`, { group, resource: group }), api);
    } catch (error) {
      if (!(error instanceof StatusError && error.code === 404)) throw error;
      throw new Error(`no custom metrics API (${group}) registered`);
    }
  }
}

function preferredOf({ preferredVersion, versions }: Fields): string {
  const preferred = versionOf(preferredVersion);
  const served = itemsOf({ items: versions }, api).map(versionOf);
  const known = [preferred, ...served].find((version) => knownVersions.includes(version));
  if (known === undefined) throw new Error('no known available metric versions found');
  return known;
}

function versionOf(version: unknown): string {
  return textOf(fieldsOf(version ?? {}, api)['version']);
}

function describedName({ describedObject }: Fields): string {
  return textOf(fieldsOf(describedObject ?? {}, api)['name']);
}

/** v1beta1 calls the window `window`. */
function podMetricOf({ timestamp, value, windowSeconds, window }: Fields): PodMetric {
  const seconds = windowSeconds ?? window;
  return {
    value: thousandthsOf(value),
    timestampMs: timeMsOf(timestamp),
    windowMs: typeof seconds === 'number' ? 1000 * seconds : windowDefaultMs,
  };
}
