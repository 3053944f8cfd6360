/**
 * All Ingresses of this controller as one part of the proxy's model. The older of two Ingresses wins a path; a canary
 * stands before the Ingress whose paths it shares. An Ingress that cannot be served is left out, with the reason.
 */

import type { Ingress } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { HostRoutes, PathRoutes, ProxyModel, Route, ServedCertificate } from '../model/model.ts';
import { certificateOf, Unservable } from '../objects/certificate.ts';
import type { View } from '../objects/view.ts';
import { readPolicy } from './annotations/read-policy.ts';
import { classDefaults, isOurs } from './class.ts';
import { type IngressRoutes, ingressRoutes, reasonOf } from './ingress-routes.ts';

export interface Entrance {
  readonly address: string;
  readonly plainPort: number;
  readonly tlsPort: number;
  /** Served to clients whose server name no Secret is for. */
  readonly certificate: string;
  /** Makes the values of affinity cookies. */
  readonly cookieKey: string;
}

export interface IngressReport {
  readonly ingress: Stored<Ingress>;
  /** Nothing of it is served. */
  readonly refused?: string;
  /** Parts that are not served as they ask. */
  readonly warnings: readonly string[];
}

export interface IngressModel extends ProxyModel {
  readonly reports: readonly IngressReport[];
}

const tableId = 'ingress';

interface Served {
  readonly ingress: Stored<Ingress>;
  readonly routes: IngressRoutes;
  readonly isCanary: boolean;
}

export function ingressModel(view: View, entrance: Entrance): IngressModel {
  const own = view
    .ingresses()
    .filter((ingress) => isOurs(ingress, view))
    .toSorted(byAge);
  const reports: IngressReport[] = [];
  const served: Served[] = [];
  const certificates: ServedCertificate[] = [{ names: [], pem: entrance.certificate }];
  for (const ingress of own) {
    const warnings: string[] = [];
    const result = serve(ingress, view, entrance, warnings);
    if ('refused' in result) reports.push({ ingress, refused: result.refused, warnings });
    else {
      served.push(result);
      certificates.push(...certificatesOf(ingress, view, warnings));
      reports.push({ ingress, warnings });
    }
  }
  return {
    listeners: listenersOf(entrance, certificates),
    tables: [{ id: tableId, hosts: hostsOf(served), wildcards: 'one label' }],
    backends: served.flatMap(({ routes }) => routes.backends),
    reports,
  };
}

function serve(
  ingress: Stored<Ingress>,
  view: View,
  { tlsPort }: Entrance,
  warnings: string[],
): Served | { readonly refused: string } {
  try {
    const { policy, ignored } = readPolicy(ingress, classDefaults(ingress, view), view);
    const routes = ingressRoutes(ingress, policy, view, tlsPort);
    for (const name of ignored) warnings.push(`annotation ${name} is not supported and has no effect`);
    warnings.push(...routes.problems);
    return { ingress, routes, isCanary: policy.canary !== undefined };
  } catch (error) {
    return { refused: reasonOf(error) };
  }
}

function byAge(a: Stored<Ingress>, b: Stored<Ingress>): number {
  const key = ({ metadata }: Stored<Ingress>) =>
    `${metadata.creationTimestamp} ${metadata.namespace}/${metadata.name}`;
  return key(a) < key(b) ? -1 : 1;
}

function listenersOf(
  { address, plainPort, tlsPort }: Entrance,
  certificates: ServedCertificate[],
): ProxyModel['listeners'] {
  return [
    { id: 'ingress-http', address, port: plainPort, publicPort: plainPort, table: tableId },
    { id: 'ingress-https', address, port: tlsPort, publicPort: tlsPort, table: tableId, certificates },
  ];
}

/** Canaries first: their conditions are asked before the route of the same path that has none. */
function hostsOf(served: readonly Served[]): HostRoutes[] {
  const byHost = new Map<string, PathRoutes[]>();
  const inOrder = [
    ...served.filter(({ isCanary }) => isCanary),
    ...served.filter(({ isCanary }) => !isCanary),
  ];
  const main = new Set(served.filter(({ isCanary }) => !isCanary).flatMap(placesOf));
  for (const ingress of inOrder) {
    for (const { host, path } of ingress.routes.hosts) {
      // Of another namespace it would take the requests of an Ingress that it does not belong to.
      if (ingress.isCanary && !main.has(placeOf(ingress, host, path))) continue;
      const paths = byHost.get(host.toLowerCase()) ?? [];
      paths.push(path);
      byHost.set(host.toLowerCase(), paths);
    }
  }
  const defaults = served.flatMap(({ routes }) => routes.defaults);
  if (defaults.length > 0) addDefaults(byHost, defaults);
  return [...byHost].map(([host, paths]) => ({ host, paths }));
}

/** What a canary has in common with the Ingress beside which it is. */
function placesOf(served: Served): string[] {
  return served.routes.hosts.map(({ host, path }) => placeOf(served, host, path));
}

function placeOf({ ingress }: Served, host: string, { kind, value }: PathRoutes): string {
  return JSON.stringify([ingress.metadata.namespace, host.toLowerCase(), kind, value]);
}

/** For what no path matches, of a known host or any other. */
function addDefaults(byHost: Map<string, PathRoutes[]>, routes: readonly Route[]): void {
  if (!byHost.has('')) byHost.set('', []);
  for (const paths of byHost.values()) paths.push({ kind: 'prefix', value: '/', routes });
}

function certificatesOf(ingress: Stored<Ingress>, view: View, warnings: string[]): ServedCertificate[] {
  const namespace = ingress.metadata.namespace ?? '';
  return (ingress.spec?.tls ?? []).flatMap(({ secretName, hosts = [] }) => {
    if (!secretName) return [];
    try {
      const secret = view.secret(namespace, secretName);
      if (!secret) throw new Unservable(`Secret ${namespace}/${secretName} does not exist`);
      return [{ names: hosts.map((host) => host.toLowerCase()), pem: certificateOf(secret) }];
    } catch (error) {
      warnings.push(`${reasonOf(error)}: the default certificate is served`);
      return [];
    }
  });
}
