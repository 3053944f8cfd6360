/** The metrics of service addresses and node ports, under upstream's names. */

import { ipAddresses } from '#api/generated/kinds.gen.ts';
import { type AddressRange, formatAddressRange } from '#api/values/address-range.ts';
import type { Clock } from '#base/clock.ts';
import { Counter } from '#base/metrics/counter.ts';
import { Histogram } from '#base/metrics/histogram.ts';
import { gauge, type Metric, type Reading } from '#base/metrics/metric.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObjects } from '../../contract/typed-reader.ts';
import { boundsOf, holdsAddress, readyRanges } from './service-ranges.ts';

/** Prometheus' own. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const prefix = 'kube_apiserver_clusterip_allocator';

/** Of an address that the Service names, or one that was chosen for it. */
export type Scope = 'static' | 'dynamic';

export class AddressMetrics {
  readonly metrics: readonly Metric[];
  readonly #clock: Clock;
  readonly #allocations = new Counter(`${prefix}_allocation_total`, 'Addresses given to Services.');
  readonly #errors = new Counter(`${prefix}_allocation_errors_total`, 'Addresses that could not be given.');
  readonly #durations = new Histogram({
    name: `${prefix}_allocation_duration_seconds`,
    help: 'How long it took to give an address.',
    bounds,
  });

  constructor(clock: Clock, reader: ObjectReader) {
    this.#clock = clock;
    this.metrics = [
      gauge(`${prefix}_allocated_ips`, 'Addresses that Services have.', () =>
        usedOf(reader).map(([cidr, used]): Reading => [{ cidr }, used]),
      ),
      gauge(`${prefix}_available_ips`, 'Addresses that are free.', () =>
        usedOf(reader).map(([cidr, used, size]): Reading => [{ cidr }, size - used]),
      ),
      this.#allocations,
      this.#errors,
      this.#durations,
    ];
  }

  /** Measures an attempt to give an address of this range, which failed if it throws or returns undefined or false. */
  async measured<T>(range: AddressRange, scope: Scope, attempt: Promise<T>): Promise<T> {
    const cidr = formatAddressRange(range);
    const beganMs = this.#clock.monotonicMs();
    let isGiven = false;
    try {
      const given = await attempt;
      isGiven = given !== undefined && given !== false;
      return given;
    } finally {
      (isGiven ? this.#allocations : this.#errors).of({ cidr, scope }).value++;
      this.#durations.of({ cidr }).observe(this.#clock.monotonicMs() - beganMs);
    }
  }
}

function usedOf(reader: ObjectReader): readonly (readonly [cidr: string, used: number, size: number])[] {
  const addresses = readObjects(reader, ipAddresses).map(({ metadata }) => metadata?.name ?? '');
  return readyRanges(reader).map((range) => {
    const { first, last } = boundsOf(range);
    const used = addresses.filter((address) => holdsAddress(range, address)).length;
    return [formatAddressRange(range), used, last - first + 1] as const;
  });
}

/** `taken`: as this server last read or wrote them. */
export function nodePortMetrics(taken: () => number, { first, last }: { first: number; last: number }) {
  const name = 'kube_apiserver_nodeport_allocator';
  return [
    gauge(`${name}_allocated_ports`, 'Node ports that Services have.', () => [[{}, taken()]]),
    gauge(`${name}_available_ports`, 'Node ports that are free.', () => [[{}, last - first + 1 - taken()]]),
  ];
}
