/** For tests of DNS: the cluster's responder over given objects, and its answers in words. */

import dnsPacket from 'dns-packet';
import { endpointSlices, namespaces, services } from '#api/generated/kinds.gen.ts';
import type { EndpointSlice, Namespace, Service } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { Env } from '#base/env.ts';
import { ClusterNames } from '#dns/cluster-names.ts';
import { Responder } from '#dns/responder.ts';
import { Routes } from '#dns/upstream/routes.ts';
import { informerView, watchZone } from '#dns/zone/view.ts';
import type { PodNames } from '#dns/zone/zone.ts';
import { StaticInformers } from '../controllers/static-informers.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { zoneNamespaces, zoneServices, zoneSlices } from './zone-objects.ts';

export interface TestZone {
  readonly informers: StaticInformers;
  readonly names: ClusterNames;
  readonly responder: Responder;
}

export function zoneInformers(): StaticInformers {
  const informers = new StaticInformers();
  for (const name of zoneNamespaces) {
    informers.put<Namespace>(namespaces, { metadata: { name } } as Stored<Namespace>);
  }
  for (const service of zoneServices) informers.put(services, service as Stored<Service>);
  for (const slice of zoneSlices) informers.put(endpointSlices, slice as Stored<EndpointSlice>);
  return informers;
}

/** Names outside the zone are refused unless there are `routes`. */
export function testZone({
  routes = new Routes([]),
  pods = 'insecure' as PodNames,
  clock = new VirtualClock() as Env['clock'],
} = {}): TestZone {
  const informers = zoneInformers();
  const names = new ClusterNames(clock, {
    view: informerView(informers),
    name: 'cluster.local',
    ttl: 30,
    pods,
  });
  watchZone(informers, (service) => names.changed(service));
  const events = { answered: () => undefined, cached: () => undefined };
  return { informers, names, responder: new Responder({ clock, events }, { names, routes }) };
}

export function query(name: string, type: string, more: Partial<dnsPacket.Packet> = {}): Buffer {
  const questions = [{ type: type as dnsPacket.RecordType, name }];
  return dnsPacket.encode({ type: 'query', id: 7, flags: dnsPacket.RECURSION_DESIRED, questions, ...more });
}

/** Of an answer: its code, and each record as `TYPE data`, by section. */
export interface Words {
  readonly code: string;
  readonly answers: string[];
  readonly authorities: string[];
  readonly additionals: string[];
}

export function inWords(answer: Buffer): Words {
  const packet = dnsPacket.decode(answer) as dnsPacket.DecodedPacket & { rcode: string };
  const words = (records: dnsPacket.Answer[] = []) =>
    records.filter(({ type }) => type !== 'OPT').map(recordInWords);
  return {
    code: packet.rcode,
    answers: words(packet.answers),
    authorities: words(packet.authorities),
    additionals: words(packet.additionals),
  };
}

function recordInWords(record: dnsPacket.Answer): string {
  const owner = 'ttl' in record ? `${record.name} ${record.ttl}` : record.name;
  if (record.type === 'SRV') {
    const { priority, weight, port, target } = record.data;
    return `${owner} SRV ${priority} ${weight} ${port} ${target}`;
  }
  if (record.type === 'SOA') {
    const { mname, rname, refresh, retry, expire, minimum } = record.data;
    return `${owner} SOA ${mname} ${rname} ${refresh} ${retry} ${expire} ${minimum}`;
  }
  return `${owner} ${record.type} ${'data' in record ? String(record.data) : ''}`;
}
