/** What a pod asks for in all: its containers together, or its largest init container where that is more. */

import type { Container, Pod, PodSpec } from '../generated/types.gen.ts';
import { parseQuantity, type Quantity, quantityMilliValue, quantityValue } from '../values/quantity.ts';

type Amounts = Record<string, string>;

export function podTotals(pod: Pod): { requests: Amounts; limits: Amounts } {
  return { requests: total(pod, 'requests'), limits: total(pod, 'limits') };
}

function total(pod: Pod, field: 'requests' | 'limits'): Amounts {
  const sums = containerTotals(pod.spec, field);
  for (const [name, amount] of Object.entries(pod.spec?.overhead ?? {})) {
    const sum = sums.get(name);
    if (field === 'requests' || sum) sums.set(name, plus(sum, amount));
  }
  return Object.fromEntries([...sums].map(([name, quantity]) => [name, quantity.toString()]));
}

/** Requests of the pod as a whole, with its overhead, in thousandths of a processor and bytes. */
export function podRequests(pod: Pod): { cpu: number; memory: number } {
  const { requests } = podTotals(pod);
  const own = pod.spec?.resources?.requests;
  return {
    cpu: computeAmount(pod, 'cpu', requests, own),
    memory: computeAmount(pod, 'memory', requests, own),
  };
}

/** In thousandths of a processor or bytes: the pod-level amount, where the pod has one, counts instead of the containers' sum. */
export function computeAmount(
  pod: Pod,
  name: 'cpu' | 'memory',
  sum: Amounts,
  own: Amounts | undefined,
): number {
  const value = name === 'cpu' ? quantityMilliValue : quantityValue;
  if (own?.[name] === undefined) return value(sum[name]);
  return value(own[name]) + value(pod.spec?.overhead?.[name]);
}

/** Without the pod's overhead. */
export function containerTotals(
  spec: Pick<PodSpec, 'containers' | 'initContainers'> | undefined,
  field: 'requests' | 'limits',
): Map<string, Quantity> {
  const sums = new Map<string, Quantity>();
  for (const container of spec?.containers ?? []) add(sums, container, field);
  const restartable = new Map<string, Quantity>();
  for (const container of spec?.initContainers ?? []) {
    // A sidecar stays; an ordinary init container runs beside the sidecars started before it.
    if (container.restartPolicy === 'Always') {
      add(sums, container, field);
      add(restartable, container, field);
    } else {
      raise(sums, restartable, container, field);
    }
  }
  return sums;
}

function add(sums: Map<string, Quantity>, container: Container, field: 'requests' | 'limits'): void {
  for (const [name, amount] of Object.entries(container.resources?.[field] ?? {})) {
    sums.set(name, plus(sums.get(name), amount));
  }
}

function raise(
  sums: Map<string, Quantity>,
  beside: ReadonlyMap<string, Quantity>,
  container: Container,
  field: 'requests' | 'limits',
): void {
  for (const [name, amount] of Object.entries(container.resources?.[field] ?? {})) {
    const needed = plus(beside.get(name), amount);
    const sum = sums.get(name);
    if (!sum || needed.compare(sum) > 0) sums.set(name, needed);
  }
}

function plus(sum: Quantity | undefined, amount: string): Quantity {
  const quantity = parseQuantity(amount);
  return sum ? sum.add(quantity) : quantity;
}
