import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatewayOf, gatewayView, httpRouteOf } from '#testing/objects/gateway-view.ts';
import { gatewayModel } from './gateway-model.ts';
import { controllerName } from './kinds.ts';
import { gatewayStatus, routeStatus } from './statuses.ts';

const listener = { name: 'http', port: 80, protocol: 'HTTP' };
const at = (now: string) => ({ now });

test('the status of a Gateway – without an address – is accepted, not programmed, of its generation', () => {
  const model = gatewayModel(gatewayView({ gateways: [gatewayOf(listener)] }), '', () => undefined);
  const { conditions = [], addresses } = gatewayStatus(model.gateways[0]!, undefined, at('t1'));
  assert.deepEqual(addresses, []);
  assert.deepEqual(
    conditions.map(({ type, status, reason, observedGeneration }) => [
      type,
      status,
      reason,
      observedGeneration,
    ]),
    [
      ['Accepted', 'True', 'Accepted', 3],
      ['Programmed', 'False', 'AddressNotAssigned', 3],
    ],
  );
});

test('the status of a route – written before, by others too – keeps times, and what others wrote', () => {
  const route = httpRouteOf('r', [], [{}]);
  const view = gatewayView({ gateways: [gatewayOf(listener)], httpRoutes: [route] });
  const report = () => gatewayModel(view, '', () => undefined).routes[0]!;
  const other = { parentRef: { name: 'x' }, controllerName: 'example.com/other', conditions: [] };
  route.status = { parents: [other, ...routeStatus(report(), at('t1')).parents!] };
  const written = routeStatus(report(), at('t2')).parents!;
  assert.deepEqual(
    written.map((parent) => parent.controllerName),
    ['example.com/other', controllerName],
  );
  assert.deepEqual(
    written[1]!.conditions.map(({ lastTransitionTime }) => lastTransitionTime),
    ['t1', 't1'],
  );
});
