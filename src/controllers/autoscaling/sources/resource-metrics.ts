/** Use of resources by pods, from `metrics.k8s.io/v1beta1`. */

import { parseGoDuration } from '#api/go/duration.ts';
import type { Selector } from '#api/selectors/selector.ts';
import { encodePath } from '#base/net/url-path.ts';
import type { PodMetric, PodMetrics } from '../replicas/pod-groups.ts';
import { type Fields, fieldsOf, itemsOf, textOf, thousandthsOf, timeMsOf } from './decode.ts';
import type { Requests } from './requests.ts';

const group = 'metrics.k8s.io';
const api = 'resource metrics API';
const nanosInMs = 1_000_000n;

/** `container`: only that container's use; empty for whole pods. Throws with upstream's text. */
export async function readResourceMetrics(
  requests: Requests,
  namespace: string,
  selector: Selector,
  { resource, container }: { readonly resource: string; readonly container: string },
): Promise<PodMetrics> {
  const query = new URLSearchParams({ labelSelector: selector.toString() });
  const path = `/apis/${group}/v1beta1/namespaces/${encodePath(namespace)}/pods?${query}`;
  const items = itemsOf(await requests.get(path, { group, resource: `pods.${group}` }), api);
  if (items.length === 0) throw new NoMetrics(`no metrics returned from ${api}`);
  const metrics = new Map<string, PodMetric>();
  for (const item of items) {
    const value = container === '' ? podUse(item, resource) : containerUse(item, resource, container);
    if (value !== undefined) metrics.set(nameOf(item), { value, ...timesOf(item) });
  }
  return metrics;
}

/** The API answered that it has none. */
export class NoMetrics extends Error {
  override name = 'NoMetrics';
}

function nameOf({ metadata }: Fields): string {
  return textOf(fieldsOf(metadata ?? {}, api)['name']);
}

function timesOf({ timestamp, window }: Fields): Pick<PodMetric, 'timestampMs' | 'windowMs'> {
  const text = textOf(window);
  const windowMs = text === '' ? 0 : Number(parseGoDuration(text) / nanosInMs);
  return { timestampMs: timeMsOf(timestamp), windowMs };
}

/** Undefined unless every container has it. */
function podUse(item: Fields, resource: string): bigint | undefined {
  const uses = containersOf(item).map((container) => useOf(container, resource));
  if (uses.length === 0 || uses.includes(undefined)) return undefined;
  return uses.reduce<bigint>((sum, use) => sum + (use ?? 0n), 0n);
}

function containerUse(item: Fields, resource: string, wanted: string): bigint | undefined {
  const container = containersOf(item).find(({ name }) => name === wanted);
  return container && useOf(container, resource);
}

function containersOf({ containers }: Fields): readonly Fields[] {
  return itemsOf({ items: containers }, api);
}

function useOf({ usage }: Fields, resource: string): bigint | undefined {
  const uses = fieldsOf(usage ?? {}, api);
  // All of them are read: one that is no quantity fails the answer.
  const amounts = new Map(Object.entries(uses).map(([name, amount]) => [name, thousandthsOf(amount)]));
  return amounts.get(resource);
}
