/** The statuses of Gateways and routes, as they are to be written; a condition that is as before keeps its time. */

import type { Stored } from '#api/meta/object.ts';
import type { GatewayReport, RouteReport } from './gateway-model.ts';
import {
  type Condition,
  controllerName,
  type Gateway,
  type GatewayClass,
  type ListenerStatus,
  type ParentReference,
  type Route,
  type RouteParentStatus,
} from './kinds.ts';

export interface StatusTime {
  /** RFC 3339, for conditions that change. */
  readonly now: string;
}

function dated(
  conditions: readonly Condition[],
  before: readonly Condition[],
  generation: number,
  { now }: StatusTime,
): Condition[] {
  return conditions.map((condition) => {
    const known = before.find(({ type }) => type === condition.type);
    const lastTransitionTime = known?.status === condition.status ? (known.lastTransitionTime ?? now) : now;
    return { ...condition, observedGeneration: generation, lastTransitionTime };
  });
}

export function classStatus(
  { metadata, status }: Stored<GatewayClass>,
  time: StatusTime,
): GatewayClass['status'] {
  const accepted = {
    type: 'Accepted',
    status: 'True',
    reason: 'Accepted',
    message: 'the class is served',
  } as const;
  return { conditions: dated([accepted], status?.conditions ?? [], metadata.generation ?? 1, time) };
}

/** `address` is undefined while the Service of the Gateway has none. */
export function gatewayStatus(
  { gateway, listeners }: GatewayReport,
  address: string | undefined,
  time: StatusTime,
): NonNullable<Gateway['status']> {
  const generation = gateway.metadata.generation ?? 1;
  const before = gateway.status ?? {};
  const allAccepted = listeners.every(({ listener }) => isTrue(listener.conditions, 'Accepted'));
  const anyAccepted = listeners.some(({ listener }) => isTrue(listener.conditions, 'Accepted'));
  const accepted: Condition = {
    type: 'Accepted',
    status: anyAccepted ? 'True' : 'False',
    reason: allAccepted ? 'Accepted' : 'ListenersNotValid',
    message: allAccepted ? 'all listeners are accepted' : 'not all listeners are accepted',
  };
  const programmed: Condition =
    address === undefined
      ? {
          type: 'Programmed',
          status: 'False',
          reason: 'AddressNotAssigned',
          message: 'there is no address yet',
        }
      : anyAccepted
        ? { type: 'Programmed', status: 'True', reason: 'Programmed', message: 'the Gateway is served' }
        : { type: 'Programmed', status: 'False', reason: 'Invalid', message: 'no listener is accepted' };
  return {
    addresses: address === undefined ? [] : [{ type: 'IPAddress', value: address }],
    conditions: dated([accepted, programmed], before.conditions ?? [], generation, time),
    listeners: listeners.map(({ listener, attachedRoutes }): ListenerStatus => {
      const known = before.listeners?.find(({ name }) => name === listener.spec.name);
      return {
        name: listener.spec.name,
        supportedKinds: listener.kinds,
        attachedRoutes,
        conditions: dated(listener.conditions, known?.conditions ?? [], generation, time),
      };
    }),
  };
}

function isTrue(conditions: readonly Condition[], type: string): boolean {
  return conditions.some((condition) => condition.type === type && condition.status === 'True');
}

/** What other controllers have written stays. */
export function routeStatus({ route, parents }: RouteReport, time: StatusTime): NonNullable<Route['status']> {
  const before = route.status?.parents ?? [];
  const others = before.filter((parent) => parent.controllerName !== controllerName);
  const generation = route.metadata.generation ?? 1;
  const own = parents.map(({ attachment, conditions }): RouteParentStatus => {
    const known = before.find((parent) => isOwn(parent, attachment.parent));
    return {
      parentRef: attachment.parent,
      controllerName,
      conditions: dated(conditions, known?.conditions ?? [], generation, time),
    };
  });
  return { parents: [...others, ...own] };
}

function isOwn(parent: RouteParentStatus, reference: ParentReference): boolean {
  return parent.controllerName === controllerName && textOf(parent.parentRef) === textOf(reference);
}

function textOf({ group, kind, namespace, name, sectionName, port }: ParentReference): string {
  return JSON.stringify([group, kind, namespace, name, sectionName, port]);
}
