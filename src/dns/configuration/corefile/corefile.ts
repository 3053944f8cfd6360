/**
 * What a Corefile means for the cluster's DNS. Plugins that are built in here, and those that the DNS specification
 * needs, are read; a plugin or option that can't be carried out makes the whole file invalid, with its line.
 */

import type { DnsConfiguration, RouteConfiguration } from '../dns-configuration.ts';
import { InvalidConfiguration } from '../invalid.ts';
import { readCache } from './cache.ts';
import { readForward } from './forward.ts';
import { type KubernetesPlugin, readKubernetes } from './kubernetes.ts';
import { type Directive, parseCorefile, type ServerBlock } from './syntax.ts';

/** Built in, whether they are listed or not; their arguments change nothing here. */
const builtIn = new Set([
  'errors',
  'health',
  'ready',
  'prometheus',
  'loop',
  'reload',
  'loadbalance',
  'debug',
]);

/** Throws `InvalidConfiguration`. `zone`: `cluster.local`. */
export function readCorefile(text: string, zone: string): DnsConfiguration {
  const blocks = parseCorefile(text);
  const routes: RouteConfiguration[] = [];
  let kubernetes: KubernetesPlugin | undefined;
  for (const block of blocks) {
    for (const name of block.keys.map((key) => zoneOf(key, block))) {
      if (routes.some((route) => route.zone === name)) throw at(block, `the zone ${name} is served twice`);
      if (name === zone || name.endsWith(`.${zone}`)) {
        throw at(block, `the zone ${name} is the cluster's own`);
      }
      const read = readBlock(block, name, zone);
      if (read.route) routes.push(read.route);
      if (read.kubernetes && name !== '.') {
        throw at(block, 'the plugin kubernetes belongs into the block of the zone "."');
      }
      kubernetes ??= read.kubernetes;
    }
  }
  if (!kubernetes) throw new InvalidConfiguration(`no server block has the plugin kubernetes for ${zone}`);
  return { ...kubernetes, routes };
}

interface BlockContent {
  readonly route: RouteConfiguration | undefined;
  readonly kubernetes: KubernetesPlugin | undefined;
}

function readBlock({ directives }: ServerBlock, name: string, zone: string): BlockContent {
  let kubernetes: KubernetesPlugin | undefined;
  let forward: Directive | undefined;
  let cache: Directive | undefined;
  for (const directive of directives) {
    if (builtIn.has(directive.name)) continue;
    if (directive.name === 'kubernetes' && !kubernetes) kubernetes = readKubernetes(directive, zone);
    else if (directive.name === 'forward' && !forward) forward = directive;
    else if (directive.name === 'cache' && !cache) cache = directive;
    else throw at(directive, unknownText(directive));
  }
  const kept = cache && readCache(cache);
  return { kubernetes, route: forward && { ...readForward(forward, name), cache: kept } };
}

function unknownText({ name }: Directive): string {
  const repeated = ['kubernetes', 'forward', 'cache'].includes(name);
  return repeated ? `the plugin ${name} is there twice` : `the plugin ${name} is not supported`;
}

/** Of a key as `acme.local:53` or `dns://.:53`. */
function zoneOf(key: string, block: ServerBlock): string {
  const match = /^(?:dns:\/\/)?([^:/]*?)\.?(?::(\d+))?$/.exec(key);
  if (!match) throw at(block, `${key} is no zone that can be served`);
  if (match[2] !== undefined && match[2] !== '53') throw at(block, `${key}: only port 53 is served`);
  return match[1] === '' ? '.' : (match[1]?.toLowerCase() ?? '.');
}

function at({ line }: { readonly line: number }, what: string): InvalidConfiguration {
  return new InvalidConfiguration(`line ${line}: ${what}`);
}
