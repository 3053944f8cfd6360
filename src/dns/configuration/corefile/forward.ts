/** The plugin `forward` of a Corefile. */

import type { Policy } from '../../upstream/forwarder.ts';
import { type NameServer, parseNameServer } from '../../upstream/name-server.ts';
import { defaultRoute, type RouteConfiguration } from '../dns-configuration.ts';
import { noArguments, numberIn, onlyArgument, wrong, zoneText } from './options.ts';
import type { Directive } from './syntax.ts';

const machineFile = '/etc/resolv.conf';
const policies: readonly Policy[] = ['random', 'round_robin', 'sequential'];
/** As CoreDNS. */
const serversMax = 15;
/** Each query holds a socket of this process. */
const queriesMaxMost = 10_000;

/** `zone`: of the server block. */
export function readForward(directive: Directive, zone: string): RouteConfiguration {
  const [from = '', ...to] = directive.args;
  if (to.length === 0) throw wrong(directive, 'forward: expected a zone and a name server');
  if (to.length > serversMax) throw wrong(directive, `forward: more than ${serversMax} name servers`);
  const ofBlock = from === '.' ? zone : zoneText(from);
  if (zone !== '.' && ofBlock !== zone && !ofBlock.endsWith(`.${zone}`)) {
    throw wrong(directive, `forward: ${from} is not in the zone ${zone}`);
  }
  let route: RouteConfiguration = {
    ...defaultRoute,
    zone: ofBlock,
    servers: to.map((server) => readServer(directive, server)),
  };
  for (const option of directive.block) route = { ...route, ...readOption(option) };
  return route;
}

function readServer(directive: Directive, text: string): NameServer | 'machine' {
  if (text === machineFile) return 'machine';
  const server = parseNameServer(text);
  if (!server) {
    throw wrong(directive, `forward: ${text} is no address of a name server, with a port or without`);
  }
  return server;
}

function readOption(option: Directive): Partial<RouteConfiguration> {
  switch (option.name) {
    case 'policy': {
      const policy = policies.find((name) => name === onlyArgument(option));
      if (!policy) throw wrong(option, `policy: expected ${policies.join(', ')}`);
      return { policy };
    }
    case 'max_concurrent':
      return { queriesMax: numberIn(option, onlyArgument(option), 1, queriesMaxMost) };
    case 'except':
      return { except: option.args.map(zoneText) };
    case 'force_tcp':
      noArguments(option);
      return { forceTcp: true };
    case 'prefer_udp':
      noArguments(option);
      return { forceTcp: false };
    default:
      throw wrong(option, `the option ${option.name} of forward is not supported`);
  }
}
