/** A backend with its servers, one for each slot. */

import type { AffinityCookie, Backend, BackendTls, ClientLimits, Owner } from '../model/model.ts';
import type { ConfigText } from './config-text.ts';
import type { Slots } from './slots.ts';
import { stepLines } from './steps.ts';
import { isSafeName, word } from './text.ts';

export function backendSection(config: ConfigText, backend: Backend, slots: Slots, cookieKey: string): void {
  const { id, owner, timeouts, steps, affinity, limits, users } = backend;
  const line = (text: string) => config.line(`  ${text}`, owner);
  if (users) userList(config, id, users, owner);
  config.section(`backend ${id}`, owner);
  line('balance roundrobin');
  line(`timeout connect ${timeouts.connectMs}ms`);
  line(`timeout server ${timeouts.serverMs}ms`);
  // A request that may have been carried out is sent a second time only when it changes nothing.
  line('http-request disable-l7-retry unless METH_GET');
  for (const step of steps) for (const text of stepLines(step, usersOf(id))) line(text);
  if (limits) for (const text of limitLines(limits)) line(text);
  if (affinity) for (const text of affinityLines(affinity, cookieKey)) line(text);
  const options = serverOptions(config, backend);
  if (options !== '') line(`default-server${options}`);
  for (const [index, slot] of slots.entries()) {
    line(`server s${index} ${slot ? `${slot.address}:${slot.port}` : '127.0.0.1:1 disabled'}`);
  }
}

function usersOf(id: string): string {
  return `users-${id}`;
}

function userList(config: ConfigText, id: string, users: NonNullable<Backend['users']>, owner: Owner): void {
  config.section(`userlist ${usersOf(id)}`, owner);
  for (const { name, hash } of users) config.line(`  user ${word(name)} password ${word(hash)}`, owner);
}

function serverOptions(config: ConfigText, { id, protocol, tls }: Backend): string {
  const isHttp2 = protocol === 'http2';
  if (!tls) return isHttp2 ? ' proto h2' : '';
  return ` ssl alpn ${isHttp2 ? 'h2' : 'http/1.1'}${isHttp2 ? ' proto h2' : ''}${verification(config, id, tls)}`;
}

function verification(config: ConfigText, id: string, { serverName, authorities }: BackendTls): string {
  const name = serverName !== undefined && isSafeName(serverName) ? serverName : undefined;
  const sni = name === undefined ? '' : ` sni str(${name})`;
  if (authorities === undefined) return `${sni} verify none`;
  config.files.set(`${id}.ca`, authorities);
  return `${sni} verify required ca-file ${word(`${id}.ca`)}${name === undefined ? '' : ` verifyhost ${name}`}`;
}

/** Only requests that are let through count; they may come at once until the burst is used up. */
function limitLines({ requestsPerSecond, burst, connections }: ClientLimits): string[] {
  const rate = requestsPerSecond ?? 0;
  const windowSeconds = rate > 0 ? Math.max(1, Math.round(burst / rate)) : 1;
  const lines = [
    `stick-table type ipv6 size 100k expire ${windowSeconds * 2}s store gpc0,gpc0_rate(${windowSeconds}s),conn_cur`,
    'http-request track-sc1 src',
  ];
  if (connections !== undefined) {
    lines.push(`http-request deny deny_status 429 if { sc1_conn_cur gt ${connections} }`);
  }
  if (rate <= 0) return lines;
  const most = Math.max(1, Math.round(rate * windowSeconds));
  return [
    ...lines,
    `http-request deny deny_status 429 if { sc1_gpc0_rate ge ${most} }`,
    'http-request sc-inc-gpc0(1)',
  ];
}

/** The cookie's value stands for the endpoint's address, whatever slot it has. */
function affinityLines({ name, path, maxAgeSeconds }: AffinityCookie, cookieKey: string): string[] {
  const attributes = [
    ...(path === undefined ? [] : [`Path=${path}`]),
    ...(maxAgeSeconds === undefined ? [] : [`Max-Age=${maxAgeSeconds}`]),
  ].map((attribute) => ` attr ${word(attribute)}`);
  return [
    `cookie ${word(name)} insert indirect nocache httponly dynamic${attributes.join('')}`,
    `dynamic-cookie-key ${word(cookieKey)}`,
  ];
}
