/** Paths, queries and headers: served ones, ones that nearly are, and ones that no client sends. */

import { loadSchema } from '#api/schema/load-schema.ts';
import type { ResourceDef } from '#api/schema/schema.ts';
import type { Chance } from './chance.ts';
import { oddText } from './values.ts';

export const resources: readonly ResourceDef[] = loadSchema().resources;

export function urlOf(def: Pick<ResourceDef, 'group' | 'version' | 'namespaced' | 'resource'>): string {
  const root = def.group ? `/apis/${def.group}` : '/api';
  return `${root}/${def.version}/${def.namespaced ? 'namespaces/fuzz/' : ''}${def.resource}`;
}

const segments: readonly string[] = [
  '..',
  '.',
  '',
  '%2e%2e',
  '%2F',
  '%00',
  '%',
  '%zz',
  '%ff',
  '%E2%82',
  '__proto__',
  'constructor',
  'x',
  'nope',
  'default',
  'kube-system',
  'fuzz',
  'status',
  'scale',
  'log',
  'exec',
  'attach',
  'portforward',
  'proxy',
  'token',
  'eviction',
  'binding',
  'ephemeralcontainers',
  'resize',
  'finalize',
  'approval',
  'watch',
  'a:b',
  'https:a:80',
  ';',
  'a b',
  'é',
  '😀',
  'a'.repeat(300),
];

const roots: readonly string[] = [
  '/',
  '/api',
  '/apis',
  '/healthz',
  '/livez/ping',
  '/readyz',
  '/readyz/etcd',
  '/readyz/nope',
  '/version',
  '/metrics',
  '/openapi/v2',
  '/openapi/v3',
  '/openapi/v3/apis/apps/v1',
  '/openapi/v3/nope',
  '/openid/v1/jwks',
  '/.well-known/openid-configuration',
  '/logs',
  '/debug/pprof',
  '/flagz',
  '/statusz',
  '/ui',
  '/api/v1/watch/pods',
  '/api/v1/watch/namespaces/fuzz/configmaps',
  '/apis/nope.example/v1/things',
  '/api/v2/pods',
  '/apis/apps/v9/deployments',
  '*',
];

export function pathOf(chance: Chance): string {
  const path = chance.happens(0.2) ? chance.pick(roots) : urlOf(chance.pick(resources));
  const added = chance.times(3, () => segmentOf(chance));
  const joined = [path, ...added].join('/');
  if (!chance.happens(0.2)) return joined;
  const parts = joined.split('/');
  parts[chance.below(parts.length)] = segmentOf(chance);
  return `${chance.happens(0.9) ? '/' : ''}${parts.join('/')}`;
}

function segmentOf(chance: Chance): string {
  if (chance.happens(0.7)) return chance.pick(segments);
  const text = oddText(chance);
  return chance.happens(0.8) ? encoded(text) : text.replaceAll(/[^!-~]/g, '_').slice(0, 3000);
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).slice(0, 3000);
}

const numbers = ['0', '1', '-1', '2', '500', '99999999999999999999', 'x', '', '1.5', '+1', '0x1', ' 1'];
const versions = [...numbers, '1', '7', '9007199254740993', '-0', '184467440737095516160'];
const booleans = ['true', 'false', '1', '0', 'x', '', 'TRUE', 't'];
const labels = [
  'a=b',
  'a',
  '!a',
  'a in (b,c)',
  'a notin (b)',
  'a>1',
  'a in (',
  '=',
  ',',
  'a==b,c!=d',
  'x'.repeat(999),
];
const fields = [
  'metadata.name=x',
  'metadata.namespace=fuzz',
  'status.phase=Running',
  'spec.nodeName!=n',
  'x=y',
  '=',
  'metadata.name',
  'metadata.name=x,metadata.name=y',
  'a\\=b=c',
  '__proto__=x',
];
const tokens = [
  'x',
  Buffer.from('{"v":"meta.k8s.io/v1","rv":1,"start":"a"}').toString('base64url'),
  Buffer.from('{"v":"meta.k8s.io/v1","rv":-1,"start":"../../x"}').toString('base64url'),
  Buffer.from('{"v":"meta.k8s.io/v1","rv":99999999,"start":"\\u0000"}').toString('base64url'),
  Buffer.from('{"v":"meta.k8s.io/v1","rv":1e400,"start":5}').toString('base64url'),
  Buffer.from('null').toString('base64url'),
];

const parameters: Readonly<Record<string, readonly string[]>> = {
  limit: numbers,
  continue: tokens,
  resourceVersion: versions,
  resourceVersionMatch: ['Exact', 'NotOlderThan', 'x', ''],
  timeoutSeconds: numbers,
  timeout: ['1s', '-1s', '0', 'x', '99999h', '1ns', ''],
  labelSelector: labels,
  fieldSelector: fields,
  watch: booleans,
  allowWatchBookmarks: booleans,
  sendInitialEvents: booleans,
  pretty: booleans,
  dryRun: ['All', '', 'x', 'All,All'],
  fieldManager: ['m', '', 'x'.repeat(200), '\u0001'],
  fieldValidation: ['Strict', 'Warn', 'Ignore', 'x', ''],
  force: booleans,
  gracePeriodSeconds: numbers,
  propagationPolicy: ['Orphan', 'Background', 'Foreground', 'x'],
  orphanDependents: booleans,
  includeObject: ['None', 'Metadata', 'Object', 'x'],
  shardSelector: ['x', ''],
  container: ['c', ''],
  follow: booleans,
  tailLines: numbers,
  sinceTime: ['2026-01-01T00:00:00Z', 'x'],
  command: ['ls', ''],
  path: ['/', '..'],
  stdin: booleans,
  tty: booleans,
  ports: numbers,
  verbose: ['', '1'],
  exclude: ['etcd', 'x'],
  __proto__x: ['1'],
};
const parameterNames = Object.keys(parameters);

/** With its question mark, or empty. */
export function queryOf(chance: Chance, names: readonly string[] = parameterNames, always = ''): string {
  const pairs = chance.times(4, () => {
    if (chance.happens(0.03)) {
      return chance.pick(['&', '=', '%', '%zz=1', 'a;b=c', '+', 'x'.repeat(2000), '[]=1']);
    }
    const name = chance.pick(names);
    const value = chance.happens(0.95) ? chance.pick(parameters[name] ?? numbers) : oddText(chance);
    return `${name}=${encoded(value)}`;
  });
  if (always) pairs.push(always);
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}

export const listParameters: readonly string[] = parameterNames.slice(0, 11);

export const accepts: readonly string[] = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/vnd.kubernetes.protobuf,application/json',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=Table;v=v9;g=meta.k8s.io,application/json',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=Nope;v=v1;g=x',
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/cbor',
  'application/json;stream=watch',
  'application/yaml;as=Table;v=v1;g=meta.k8s.io',
  'text/html',
  'image/png',
  '*/*;q=0.1',
  '',
  ',,,',
  ';=;,q',
  'application/json;q=x',
];

export function headersOf(chance: Chance): Record<string, string> {
  const headers: Record<string, string> = {};
  if (chance.happens(0.3)) headers['accept'] = chance.pick(accepts);
  if (chance.happens(0.1)) {
    headers['accept-encoding'] = chance.pick(['gzip', 'br', '*', 'gzip;q=0', 'identity;q=0']);
  }
  if (chance.happens(0.05)) {
    headers['user-agent'] = chance.pick(['', 'x'.repeat(500), 'kubectl/v1.36', '\u00e9']);
  }
  if (chance.happens(0.05)) headers['audit-id'] = chance.pick(['x', 'y'.repeat(300), '']);
  if (chance.happens(0.05)) headers['if-match'] = '"x"';
  if (chance.happens(0.05)) headers['if-none-match'] = chance.pick(['*', '"x"']);
  if (chance.happens(0.04)) Object.assign(headers, impersonationOf(chance));
  return headers;
}

export function impersonationOf(chance: Chance): Record<string, string> {
  const headers: Record<string, string> = {};
  const user = chance.pick([
    'jane',
    'system:admin',
    'system:anonymous',
    'system:serviceaccount:fuzz:x',
    'system:serviceaccount:',
    'system:node:n',
    '',
    'x'.repeat(400),
  ]);
  if (chance.happens(0.9)) headers['impersonate-user'] = user;
  if (chance.happens(0.4)) headers['impersonate-group'] = chance.pick(['system:masters', 'g', '']);
  if (chance.happens(0.2)) headers['impersonate-uid'] = chance.pick(['u', '']);
  if (chance.happens(0.3)) {
    headers[`impersonate-extra-${chance.pick(['a', '__proto__', '%2e', '%zz', ''])}`] = 'v';
  }
  return headers;
}
