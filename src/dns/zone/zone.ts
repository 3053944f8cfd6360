/**
 * Answers names of the cluster as CoreDNS's `kubernetes` plugin does, from a view of services, endpoints and
 * namespaces. Pure.
 */

import type { Service } from '#api/generated/types.gen.ts';
import { parseIp } from '#api/values/ip.ts';
import { types } from '../message/codes.ts';
import { labelsOf } from '../message/names.ts';
import { type Backend, backendsOf, type Wanted } from './backends.ts';
import { meaningOf } from './names.ts';
import type { DnsRecord } from './record.ts';
import { namesOfAddress, reversedAddress, serviceName } from './reverse.ts';
import { clusterIps, type ZoneView } from './view.ts';

/** CoreDNS's `pods` option: whether names of pods are not served, not checked, or checked against the pods. */
export type PodNames = 'disabled' | 'insecure' | 'verified';

export interface ZoneOptions {
  readonly view: ZoneView;
  /** `cluster.local`. */
  readonly name: string;
  readonly ttl: number;
  readonly pods: PodNames;
}

export interface Found {
  /** None: the name exists without a record of the type. */
  readonly records: readonly DnsRecord[];
  readonly extra: readonly DnsRecord[];
  /** The target of the last alias in `records`, outside the zone. */
  readonly outside?: string;
}

/** Undefined: there is no such name. */
export type ZoneAnswer = Found | undefined;

/** Version of the specification that the names follow. */
const specVersion = '1.1.0';
const aliasesMax = 10;
const weightSum = 100;
const none: Found = { records: [], extra: [] };

export class Zone {
  readonly #options: ZoneOptions;

  constructor(options: ZoneOptions) {
    this.#options = options;
  }

  /** `labels`: of the name before the zone's, in lower case. Of the apex only the NS records are answered here. */
  answer(labels: readonly string[], type: number, aliases = 0): ZoneAnswer {
    const meaning = meaningOf(labels);
    switch (meaning.kind) {
      case 'apex':
        return type === types.NS ? this.#nameServers() : none;
      case 'empty':
        return none;
      case 'nothing':
        return undefined;
      case 'version':
        return type === types.TXT ? this.#found([this.#version()]) : none;
      case 'nameServer':
        return this.#ofType(type, this.#nameOf(labels), this.#nameServerIps());
      case 'namespace':
        return this.#options.view.namespaceExists(meaning.namespace) ? none : undefined;
      case 'pod':
        return this.#pod(meaning.namespace, meaning.label, this.#nameOf(labels), type);
      case 'service':
        return this.#service(meaning, this.#nameOf(labels), { type, aliases });
    }
  }

  /** PTR records of a name below `in-addr.arpa` or `ip6.arpa`; none: the cluster does not know it. */
  reverse(labels: readonly string[]): DnsRecord[] {
    const ip = reversedAddress(labels);
    if (ip === undefined) return [];
    const { view, name: zone, ttl } = this.#options;
    const name = labels.join('.');
    return namesOfAddress(view, zone, ip).map((target) => ({ type: 'PTR', name, ttl, target }));
  }

  #nameOf(labels: readonly string[]): string {
    return [...labels, this.#options.name].join('.');
  }

  #found(records: readonly DnsRecord[], extra: readonly DnsRecord[] = []): Found {
    return { records, extra };
  }

  #version(): DnsRecord {
    const name = `dns-version.${this.#options.name}`;
    return { type: 'TXT', name, ttl: this.#options.ttl, text: specVersion };
  }

  #dnsService(): Service | undefined {
    return this.#options.view.service('kube-system', 'kube-dns');
  }

  #nameServerIps(): string[] {
    const service = this.#dnsService();
    return service ? clusterIps(service) : [];
  }

  /** As CoreDNS: the DNS service under its own name. */
  #nameServers(): Found {
    const { name, ttl } = this.#options;
    const service = this.#dnsService();
    if (!service) return none;
    const target = serviceName(service, name);
    const extra = this.#nameServerIps().flatMap((ip) => addressRecord(target, ttl, ip) ?? []);
    return this.#found([{ type: 'NS', name, ttl, target }], extra);
  }

  #pod(namespace: string, label: string, name: string, type: number): ZoneAnswer {
    const { pods, view } = this.#options;
    if (pods === 'disabled' || !view.namespaceExists(namespace)) return undefined;
    const ip = podAddress(label);
    if (ip === undefined) return undefined;
    if (pods === 'verified' && !view.podExists(namespace, ip)) return undefined;
    return this.#ofType(type, name, [ip]);
  }

  #service(
    { namespace, service: serviceLabel, wanted }: { namespace: string; service: string; wanted: Wanted },
    name: string,
    asked: { type: number; aliases: number },
  ): ZoneAnswer {
    const { view } = this.#options;
    if (!view.namespaceExists(namespace)) return undefined;
    const service = view.service(namespace, serviceLabel);
    if (!service) return undefined;
    if (service.spec?.type === 'ExternalName') return this.#alias(service, wanted, name, asked);
    const backends = backendsOf(view, service, wanted);
    if (!backends) return undefined;
    if (asked.type === types.SRV) return this.#ports(service, name, backends);
    return this.#ofType(asked.type, name, new Set(backends.map(({ ip }) => ip)));
  }

  #ofType(type: number, name: string, ips: Iterable<string>): Found {
    if (type !== types.A && type !== types.AAAA) return none;
    const wanted = type === types.A ? 'A' : 'AAAA';
    const records = [...ips].flatMap((ip) => addressRecord(name, this.#options.ttl, ip) ?? []);
    return this.#found(records.filter((record) => record.type === wanted));
  }

  /** As CoreDNS: weights share 100 between all addresses and ports, those of one target counted once each. */
  #ports(service: Service, name: string, backends: readonly Backend[]): Found {
    const { ttl, name: zone } = this.#options;
    const own = serviceName(service, zone);
    const weight = Math.max(Math.floor(weightSum / backends.length), 1);
    const records = new Map<string, DnsRecord>();
    const extra = new Map<string, DnsRecord>();
    for (const { ip, port, host } of backends) {
      if (port === undefined) continue;
      const target = host === undefined ? own : `${host}.${own}`;
      records.set(`${target} ${port}`, { type: 'SRV', name, ttl, target, port, weight });
      const address = addressRecord(target, ttl, ip);
      if (address) extra.set(`${target} ${ip}`, address);
    }
    return this.#found([...records.values()], [...extra.values()]);
  }

  /** An address as external name is no alias, and there is nothing below one. */
  #alias(
    service: Service,
    wanted: Wanted,
    name: string,
    { type, aliases }: { type: number; aliases: number },
  ): ZoneAnswer {
    const target = service.spec?.externalName?.toLowerCase().replace(/\.$/, '') ?? '';
    if (
      target === '' ||
      parseIp(target) ||
      wanted.endpoint !== '' ||
      wanted.port !== '' ||
      wanted.protocol !== ''
    ) {
      return undefined;
    }
    const alias: DnsRecord = { type: 'CNAME', name, ttl: this.#options.ttl, target };
    if (type === types.CNAME) return this.#found([alias]);
    if ((type !== types.A && type !== types.AAAA) || target === name || aliases >= aliasesMax) return none;
    const inside = this.labelsBeforeZone(labelsOf(target));
    if (!inside) return { records: [alias], extra: [], outside: target };
    const next = this.answer(inside, type, aliases + 1);
    if (!next || next.records.length === 0) return none;
    return { ...next, records: [alias, ...next.records] };
  }

  /** Undefined: the name is not in the zone. */
  labelsBeforeZone(labels: readonly string[]): string[] | undefined {
    const zone = labelsOf(this.#options.name);
    const from = labels.length - zone.length;
    if (from < 0 || !zone.every((label, i) => label === labels[from + i])) return undefined;
    return labels.slice(0, from);
  }
}

function addressRecord(name: string, ttl: number, ip: string): DnsRecord | undefined {
  const address = parseIp(ip);
  if (!address) return undefined;
  return { type: address.family === 4 ? 'A' : 'AAAA', name, ttl, address: Uint8Array.from(address.bytes) };
}

/** `10-1-2-3`, or an IPv6 address with dashes; undefined for no address. */
function podAddress(label: string): string | undefined {
  const isIpv4 = label.split('-').length === 4 && !label.includes('--');
  const ip = label.replaceAll('-', isIpv4 ? '.' : ':');
  if (isIpv4 && !/^(0|[1-9]\d*)(\.(0|[1-9]\d*)){3}$/.test(ip)) return undefined;
  return parseIp(ip) ? ip : undefined;
}
