/**
 * What a service takes from the cluster before it is stored: families, an address, node ports and a health
 * check port, in this order, as upstream's storage of services. What a failed write has taken is released;
 * what an update no longer needs is released once it is stored. All of it is decided in the store: see
 * `service-addresses.ts` and `range-record.ts`.
 */

import { endpoints } from '#api/generated/kinds.gen.ts';
import type { Service, ServiceSpec } from '#api/generated/types.gen.ts';
import { internalError, invalid, StatusError } from '#api/meta/status.ts';
import { type FieldError, invalidValue } from '#api/validation/field-error.ts';
import type { Log } from '#base/log.ts';
import { formatIPv4, parseIPv4 } from '#base/net/cidr.ts';
import { goQuoted } from '#wire/json/go-values.ts';
import type { ServerClient } from '../../contract/server-client.ts';
import type { Allocation, StorageHooks } from '../../contract/storage-hooks.ts';
import { setIpFamilies } from './families.ts';
import { dryRunPorts, type GivenPorts, givePorts, heldPorts } from './node-ports.ts';
import type { RangeRecord } from './range-record.ts';
import { NoAddress, type ServiceAddresses } from './service-addresses.ts';

const headless = 'None';
const serviceKind = { group: '', kind: 'Service' };

export interface ServiceAllocatorOptions {
  readonly addresses: ServiceAddresses;
  readonly ports: RangeRecord;
  readonly serverClient: Pick<ServerClient, 'delete'>;
  readonly log: Log;
}

/** What one write has taken. */
interface Taken {
  address?: number;
  ports: readonly number[];
}

export class ServiceAllocator {
  readonly hooks: StorageHooks = {
    group: '',
    resource: 'services',
    begin: (object, old, dryRun) => this.#begin(object as Service, old as Service | undefined, dryRun),
    afterDelete: (object) => this.#afterDelete(object as Service),
  };
  readonly #options: ServiceAllocatorOptions;

  constructor(options: ServiceAllocatorOptions) {
    this.#options = options;
  }

  async #begin(service: Service, old: Service | undefined, dryRun: boolean): Promise<Allocation> {
    const taken: Taken = { ports: [] };
    const undo = async () => {
      if (!dryRun) await this.#release(taken.address, taken.ports);
    };
    try {
      await this.#allocate(service, old?.spec, dryRun, taken);
    } catch (error) {
      await undo();
      throw error;
    }
    return { undo, done: () => this.#releaseUnused(old?.spec, service.spec) };
  }

  async #allocate(
    service: Service,
    old: ServiceSpec | undefined,
    dryRun: boolean,
    taken: Taken,
  ): Promise<void> {
    const spec = service.spec ?? {};
    if (spec.type === 'ExternalName') return;
    refuse(service, setIpFamilies(spec, old));
    // A service with an address keeps it: validation refuses another address, in or out of the range.
    if (!old || old.type === 'ExternalName') await this.#giveAddress(service, spec, dryRun, taken);
    const given = await this.#givePorts(service, spec, old, dryRun);
    taken.ports = given.taken;
    if (given.ports) spec.ports = given.ports;
    if (given.healthCheckNodePort !== undefined) spec.healthCheckNodePort = given.healthCheckNodePort;
  }

  async #giveAddress(service: Service, spec: ServiceSpec, dryRun: boolean, taken: Taken): Promise<void> {
    const { addresses } = this.#options;
    const requested = spec.clusterIPs?.[0] ?? spec.clusterIP;
    if (requested === headless) return;
    const number = requested ? parsed(requested) : undefined;
    // A wrong address is validation's to complain about.
    if (requested && number === undefined) return;
    try {
      const address = number ?? (await addresses.takeNext(service, dryRun));
      if (number !== undefined) await addresses.take(number, service, dryRun);
      taken.address = address;
      spec.clusterIP = formatIPv4(address);
      spec.clusterIPs = [spec.clusterIP];
    } catch (error) {
      throw addressRefused(service, requested, error);
    }
  }

  async #givePorts(
    service: Service,
    spec: ServiceSpec,
    old: ServiceSpec | undefined,
    dryRun: boolean,
  ): Promise<GivenPorts> {
    const { ports } = this.#options;
    const asking = { name: service.metadata?.name ?? '', spec };
    if (dryRun) return givePorts(asking, old, dryRunPorts((await ports.read()).taken, ports.bounds));
    if (!asksForPorts(spec)) return { ports: undefined, healthCheckNodePort: undefined, taken: [] };
    return ports.edit((numbers) => givePorts(asking, old, numbers));
  }

  /** Not before it is stored: until then the old service holds it, and a write that fails keeps it. */
  async #releaseUnused(before: ServiceSpec | undefined, after: ServiceSpec | undefined): Promise<void> {
    const address = addressOf(before);
    const kept = heldPorts(after);
    const ports = [...heldPorts(before)].filter((number) => !kept.has(number));
    await this.#release(address === addressOf(after) ? undefined : address, ports);
  }

  async #afterDelete(service: Service): Promise<void> {
    await this.#deleteEndpoints(service);
    await this.#release(addressOf(service.spec), [...heldPorts(service.spec)]);
  }

  /** At once, so that a new service of this name does not begin with the endpoints of the old one. */
  async #deleteEndpoints({ metadata }: Service): Promise<void> {
    const { serverClient, log } = this.#options;
    try {
      await serverClient.delete(endpoints, metadata?.namespace ?? '', metadata?.name ?? '', {});
    } catch (error) {
      if (error instanceof StatusError && error.code === 404) return;
      log.warn('the endpoints of a deleted service could not be deleted', { error: String(error) });
    }
  }

  async #release(address: number | undefined, ports: readonly number[]): Promise<void> {
    if (address !== undefined) await this.#options.addresses.release(address);
    if (ports.length === 0) return;
    try {
      await this.#options.ports.edit((numbers) => {
        for (const port of ports) numbers.release(port);
      });
    } catch (error) {
      // The repair finds them.
      this.#options.log.warn('node ports could not be released', {
        ports: ports.join(),
        error: String(error),
      });
    }
  }
}

function asksForPorts({ type, ports }: ServiceSpec): boolean {
  return (type === 'NodePort' && (ports ?? []).length > 0) || type === 'LoadBalancer';
}

function refuse({ metadata }: Service, errors: FieldError[]): void {
  if (errors.length > 0) throw invalid(serviceKind, metadata?.name ?? '', errors);
}

function addressRefused(service: Service, requested: string | undefined, error: unknown): unknown {
  const name = service.metadata?.name ?? '';
  if (error instanceof NoAddress && error.isFull) {
    return internalError(`failed to allocate a serviceIP for Service ${goQuoted(name)}: ${error.message}`);
  }
  // A full store is no fault of the request, so it is not reported as an invalid one.
  const isOfRequest = error instanceof NoAddress || (error instanceof StatusError && error.code !== 507);
  if (!isOfRequest) return error;
  const what = requested ? `failed to allocate IP ${requested}` : 'failed to allocate IP';
  const why = invalidValue('spec.clusterIPs', service.spec?.clusterIPs, `${what}: ${error.message}`);
  return invalid(serviceKind, name, [why]);
}

/** The IPv4 address that a service holds. */
function addressOf(spec: ServiceSpec | undefined): number | undefined {
  if (!spec || spec.type === 'ExternalName') return undefined;
  return (spec.clusterIPs ?? [spec.clusterIP ?? '']).flatMap((address) => parsed(address) ?? [])[0];
}

function parsed(address: string): number | undefined {
  if (address === '' || address === headless || address.includes(':')) return undefined;
  try {
    return parseIPv4(address);
  } catch {
    return undefined;
  }
}
