/**
 * A listener as a frontend: the headers that say where a request comes from, then the look-up of its route.
 *
 *   host → id of the host → path → backend, or a group of rules that chooses it → backend
 */

import { fnv1a } from '#base/text/fnv1a.ts';
import type { Listener, Owner, Route, RouteTable, Share } from '../model/model.ts';
import { aclOf } from './conditions.ts';
import type { ConfigText } from './config-text.ts';
import { anyHost, type RouteGroup, type RouteMaps } from './route-maps.ts';

export const noRoute = 'no-route';
/** The table that counts the requests of every split. */
export const splits = 'splits';

const found = (variable: string) => `{ var(txn.${variable}) -m found }`;

export function listenerSection(
  config: ConfigText,
  listener: Listener,
  table: RouteTable,
  maps: RouteMaps,
  ownerOf: (route: Route) => Owner | undefined,
): void {
  config.section(`frontend ${listener.id}`);
  config.line(`  bind ${listener.address}:${listener.port}${tlsOptions(config, listener)}`);
  for (const line of originLines(listener)) config.line(`  ${line}`);
  for (const line of lookupLines(table, maps)) config.line(`  ${line}`);
  for (const group of maps.groups) groupLines(config, group, ownerOf);
  config.line(`  use_backend %[var(txn.to)] if ${found('to')}`);
  config.line(`  default_backend ${noRoute}`);
}

/** Writes the certificates' files and the list that names them. */
function tlsOptions(config: ConfigText, { id, certificates }: Listener): string {
  if (!certificates) return '';
  const list = certificates.map(({ names, pem }, index) => {
    const file = `${id}-${index}.pem`;
    config.files.set(file, pem);
    return `${[file, ...names].join(' ')}\n`;
  });
  config.files.set(`${id}.certs`, list.join(''));
  return ` ssl crt-list ${id}.certs alpn h2,http/1.1`;
}

/** As the most used controller has them: what a client claims about itself is replaced. */
function originLines({ publicPort, certificates }: Listener): string[] {
  const scheme = certificates ? 'https' : 'http';
  return [
    'http-request set-header X-Request-ID %[uuid()] unless { req.hdr(X-Request-ID) -m found }',
    'http-request set-header X-Real-IP %[src]',
    'http-request set-header X-Forwarded-For %[src]',
    'http-request set-header X-Forwarded-Host %[req.hdr(host)]',
    `http-request set-header X-Forwarded-Port ${publicPort}`,
    `http-request set-header X-Forwarded-Proto ${scheme}`,
    `http-request set-header X-Forwarded-Scheme ${scheme}`,
    `http-request set-header X-Scheme ${scheme}`,
  ];
}

/** Maps without lines are not looked up. */
function lookupLines({ id, wildcards }: RouteTable, maps: RouteMaps): string[] {
  const suffix = wildcards === 'one label' ? 'regsub(^[^.]*,),map_str' : 'map_end';
  const unless = (variable: string) => ` if !${found(variable)}`;
  const setAt = (lookup: string) => `http-request set-var(txn.at) ${lookup}`;
  const setTo = (lookup: string) => `http-request set-var(txn.to) var(txn.at),${lookup}`;
  const lines = ['http-request set-var(txn.path) path'];
  lines.push('http-request set-var(txn.host) req.hdr(host),host_only,lower');
  if (maps.hosts.length > 0) lines.push(setAt(`var(txn.host),map_str(${id}.hosts)`));
  if (maps.wildcards.length > 0) {
    lines.push(setAt(`var(txn.host),${suffix}(${id}.wildcards)${unless('at')}`));
  }
  lines.push(setAt(`str(${anyHost})${unless('at')}`));
  if (maps.exact.length > 0) lines.push(setTo(`concat(,txn.path),map_str(${id}.exact)`));
  if (maps.prefixes.length > 0) {
    lines.push(setTo(`concat(,txn.path,/),map_beg(${id}.prefixes)${unless('to')}`));
  }
  if (maps.regexes.length > 0) {
    lines.push(setTo(`concat(,txn.path),map_reg(${id}.regexes)${unless('to')}`));
  }
  return lines;
}

/** The first rule whose conditions hold sets the backend, and by that ends the group. */
function groupLines(
  config: ConfigText,
  { id, routes }: RouteGroup,
  ownerOf: (route: Route) => Owner | undefined,
): void {
  const counted = new Set<string>();
  for (const [index, route] of routes.entries()) {
    const owner = ownerOf(route);
    const tests = [`{ var(txn.to) -m str ${id} }`];
    let isPossible = true;
    for (const [place, condition] of route.conditions.entries()) {
      if (condition.on === 'share') {
        tests.push(...shareTests(config, condition.share, counted, id));
        continue;
      }
      const acl = aclOf(condition);
      const name = `${id.slice(1)}-${index}-${place}`;
      if (acl) config.line(`  acl ${name} ${acl.test}`, owner);
      isPossible &&= acl !== undefined;
      tests.push(acl?.isNegated ? `!${name}` : name);
    }
    if (isPossible) {
      config.line(`  http-request set-var(txn.to) str(${route.backend}) if ${tests.join(' ')}`, owner);
    }
  }
  config.line(`  http-request unset-var(txn.to) if { var(txn.to) -m str ${id} }`);
}

/**
 * Requests of a split are counted, and the count is spread over the total by a factor without a common divisor: every
 * `total` requests divide exactly, and neither part comes in a row.
 */
function shareTests(config: ConfigText, share: Share, counted: Set<string>, group: string): string[] {
  if (!counted.has(share.split)) {
    counted.add(share.split);
    const here = `if { var(txn.to) -m str ${group} }`;
    config.line(`  http-request track-sc0 str(${fnv1a(share.split).toString(16)}) table ${splits} ${here}`);
    const spread = `mul(${spreadFactor(share.total)}),mod(${share.total})`;
    config.line(`  http-request set-var(txn.nth) sc_inc_gpc0(0,${splits}),${spread} ${here}`);
  }
  const { from, to, total } = share;
  const lower = from > 0 ? [`{ var(txn.nth) -m int ge ${from} }`] : [];
  return to < total ? [...lower, `{ var(txn.nth) -m int lt ${to} }`] : lower;
}

/** Near the golden section of the total, which spreads best. */
function spreadFactor(total: number): number {
  let factor = Math.max(1, Math.round(total * 0.618));
  while (divisor(factor, total) > 1) factor++;
  return factor;
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}
