/** The plugin `kubernetes` of a Corefile, for the cluster's zone and the reverse zones. */

import type { PodNames } from '../../zone/zone.ts';
import type { DnsConfiguration } from '../dns-configuration.ts';
import { numberIn, onlyArgument, wrong, zoneText } from './options.ts';
import type { Directive } from './syntax.ts';

export type KubernetesPlugin = Pick<DnsConfiguration, 'ttl' | 'pods'>;

/** CoreDNS's defaults where the file says nothing. */
const corednsTtl = 5;
const ttlMax = 3600;
const podNames: readonly PodNames[] = ['disabled', 'insecure', 'verified'];
const reverseZones = ['in-addr.arpa', 'ip6.arpa'];

export function readKubernetes(directive: Directive, zone: string): KubernetesPlugin {
  const zones = directive.args.map(zoneText);
  const isOwn = zones[0] === zone && zones.slice(1).every((name) => reverseZones.includes(name));
  if (!isOwn) throw wrong(directive, `kubernetes: expected the zones ${[zone, ...reverseZones].join(' ')}`);
  let plugin: KubernetesPlugin = { ttl: corednsTtl, pods: 'disabled' };
  for (const option of directive.block) plugin = { ...plugin, ...readOption(option) };
  return plugin;
}

function readOption(option: Directive): Partial<KubernetesPlugin> {
  switch (option.name) {
    case 'ttl':
      return { ttl: numberIn(option, onlyArgument(option), 0, ttlMax) };
    case 'pods': {
      const pods = podNames.find((name) => name === onlyArgument(option));
      if (!pods) throw wrong(option, `pods: expected ${podNames.join(', ')}`);
      return { pods };
    }
    case 'fallthrough':
      return {};
    default:
      throw wrong(option, `the option ${option.name} of kubernetes is not supported`);
  }
}
