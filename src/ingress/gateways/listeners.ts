/** The listeners of a Gateway, each with its certificates and what its status says of it. */

import type { Stored } from '#api/meta/object.ts';
import type { ServedCertificate } from '../model/model.ts';
import { certificateOf, Unservable } from '../objects/certificate.ts';
import type { GatewayView } from './gateway-view.ts';
import { isGranted } from './grants.ts';
import {
  type Condition,
  type Gateway,
  gatewayGroup,
  type ListenerSpec,
  type SecretReference,
} from './kinds.ts';

export interface RouteKind {
  readonly group: string;
  readonly kind: string;
}

export interface ServedListener {
  readonly gateway: Stored<Gateway>;
  readonly spec: ListenerSpec;
  readonly kinds: readonly RouteKind[];
  readonly certificates: readonly ServedCertificate[];
  readonly conditions: readonly Condition[];
  /** Routes may attach and are served. */
  readonly isServed: boolean;
}

const kindsOf: Readonly<Record<string, readonly string[]>> = {
  HTTP: ['HTTPRoute', 'GRPCRoute'],
  HTTPS: ['HTTPRoute', 'GRPCRoute'],
};

export function listenersOf(gateway: Stored<Gateway>, view: GatewayView): ServedListener[] {
  return gateway.spec.listeners.map((spec) => listenerOf(gateway, spec, view));
}

function listenerOf(gateway: Stored<Gateway>, spec: ListenerSpec, view: GatewayView): ServedListener {
  const allowed = kindsOf[spec.protocol];
  if (!allowed) return unsupported(gateway, spec);
  const { kinds, isValid: hasValidKinds } = routeKinds(spec, allowed);
  const conflict = conflictOf(gateway, spec);
  const { certificates, problem } = certificatesOf(gateway, spec, view);
  const references: Omit<Condition, 'type'> = !hasValidKinds
    ? {
        status: 'False',
        reason: 'InvalidRouteKinds',
        message: 'a kind of route is not supported by this listener',
      }
    : (problem ?? { status: 'True', reason: 'ResolvedRefs', message: 'references are resolved' });
  const isServed = !conflict && problem === undefined;
  const served = isServed && kinds.length > 0;
  return {
    gateway,
    spec,
    kinds,
    certificates,
    isServed: served,
    conditions: [
      conflict
        ? { type: 'Accepted', status: 'False', reason: conflict, message: 'another listener has its port' }
        : { type: 'Accepted', status: 'True', reason: 'Accepted', message: 'the listener is accepted' },
      isServed
        ? { type: 'Programmed', status: 'True', reason: 'Programmed', message: 'the listener is served' }
        : { type: 'Programmed', status: 'False', reason: 'Invalid', message: 'the listener is not served' },
      { type: 'ResolvedRefs', ...references },
      conflict
        ? { type: 'Conflicted', status: 'True', reason: conflict, message: 'another listener has its port' }
        : {
            type: 'Conflicted',
            status: 'False',
            reason: 'NoConflicts',
            message: 'no listener is in conflict',
          },
    ],
  };
}

function unsupported(gateway: Stored<Gateway>, spec: ListenerSpec): ServedListener {
  const message = `protocol ${spec.protocol} is not supported`;
  return {
    gateway,
    spec,
    kinds: [],
    certificates: [],
    isServed: false,
    conditions: [
      { type: 'Accepted', status: 'False', reason: 'UnsupportedProtocol', message },
      { type: 'Programmed', status: 'False', reason: 'Invalid', message },
      { type: 'ResolvedRefs', status: 'True', reason: 'ResolvedRefs', message: 'references are resolved' },
    ],
  };
}

function routeKinds(
  spec: ListenerSpec,
  allowed: readonly string[],
): { kinds: RouteKind[]; isValid: boolean } {
  const asked = spec.allowedRoutes?.kinds ?? [];
  if (asked.length === 0) {
    return { kinds: allowed.map((kind) => ({ group: gatewayGroup, kind })), isValid: true };
  }
  const valid = asked.filter(
    ({ group, kind }) => (group ?? gatewayGroup) === gatewayGroup && allowed.includes(kind),
  );
  return {
    kinds: valid.map(({ kind }) => ({ group: gatewayGroup, kind })),
    isValid: valid.length === asked.length,
  };
}

/** Listeners of one port need one protocol, and a host name each. The earlier of two is served. */
function conflictOf({ spec: { listeners } }: Gateway, spec: ListenerSpec): string | undefined {
  const earlier = listeners.slice(0, listeners.indexOf(spec)).filter(({ port }) => port === spec.port);
  if (earlier.some(({ protocol }) => protocol !== spec.protocol)) return 'ProtocolConflict';
  return earlier.some(({ hostname = '' }) => hostname === (spec.hostname ?? ''))
    ? 'HostnameConflict'
    : undefined;
}

interface Certificates {
  readonly certificates: readonly ServedCertificate[];
  readonly problem?: Omit<Condition, 'type'>;
}

function certificatesOf(
  gateway: Stored<Gateway>,
  { protocol, hostname, tls }: ListenerSpec,
  view: GatewayView,
): Certificates {
  if (protocol !== 'HTTPS') return { certificates: [] };
  const names = hostname ? [hostname.toLowerCase()] : [];
  try {
    const references = tls?.certificateRefs ?? [];
    if (references.length === 0) throw new Unservable('the listener names no certificate');
    for (const reference of references) requireGrant(gateway, reference, view);
    return { certificates: references.map((reference) => ({ names, pem: pemOf(gateway, reference, view) })) };
  } catch (error) {
    if (!(error instanceof Unservable)) throw error;
    const reason = error instanceof NotPermitted ? 'RefNotPermitted' : 'InvalidCertificateRef';
    return { certificates: [], problem: { status: 'False', reason, message: error.message } };
  }
}

class NotPermitted extends Unservable {}

function requireGrant(
  gateway: Stored<Gateway>,
  { name, namespace }: SecretReference,
  view: GatewayView,
): void {
  const fromNamespace = gateway.metadata.namespace ?? '';
  const toNamespace = namespace ?? fromNamespace;
  const to = { toGroup: '', toKind: 'Secret', toNamespace, toName: name };
  if (isGranted(view.grants(), { fromKind: 'Gateway', fromNamespace, ...to })) return;
  throw new NotPermitted(`no ReferenceGrant permits Secret ${toNamespace}/${name}`);
}

function pemOf(gateway: Stored<Gateway>, reference: SecretReference, view: GatewayView): string {
  const { group = '', kind = 'Secret', name, namespace = gateway.metadata.namespace ?? '' } = reference;
  if (group !== '' || kind !== 'Secret') throw new Unservable(`${kind} ${name} is not a Secret`);
  const secret = view.secret(namespace, name);
  if (!secret) throw new Unservable(`Secret ${namespace}/${name} does not exist`);
  return certificateOf(secret);
}
