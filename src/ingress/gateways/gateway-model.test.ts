import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GatewayObjects, gatewayOf, gatewayView, httpRouteOf } from '#testing/objects/gateway-view.ts';
import { serviceWithEndpoints } from '#testing/objects/ingress-view.ts';
import { gatewayModel } from './gateway-model.ts';
import type { ListenerSpec } from './kinds.ts';

const web = serviceWithEndpoints('web', ['10.0.0.1']);
const next = serviceWithEndpoints('next', ['10.0.0.2']);
const http: ListenerSpec = { name: 'http', port: 80, protocol: 'HTTP' };
const to = (name: string, more: object = {}) => ({ name, port: 80, ...more });

const modelOf = (objects: GatewayObjects) => {
  const known = { services: [web.service, next.service], slices: [web.slice, next.slice] };
  return gatewayModel(gatewayView({ ...known, ...objects }), '10.0.0.9', (_, port) => 20_000 + port);
};

/** `host kind path: backend (conditions)` of every route. */
const shown = (objects: GatewayObjects) =>
  modelOf(objects).tables.flatMap(({ hosts }) =>
    hosts.flatMap(({ host, paths }) =>
      paths.flatMap(({ kind, value, routes }) =>
        routes.map(
          ({ backend, conditions }) => `${host} ${kind} ${value}: ${backend} ${JSON.stringify(conditions)}`,
        ),
      ),
    ),
  );

const conditionsOf = (objects: GatewayObjects) =>
  modelOf(objects).routes.flatMap(({ parents }) =>
    parents.flatMap(({ conditions }) =>
      conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`),
    ),
  );

const gateways = [gatewayOf(http)];

test('an HTTPRoute – with two weights – shares the requests of its match', () => {
  const route = httpRouteOf(
    'split',
    ['a.com'],
    [{ backendRefs: [to('web', { weight: 9 }), to('next', { weight: 1 })] }],
  );
  const split = 'http:default:split:0:0';
  const share = { split, from: 0, to: 9, total: 10 };
  assert.deepEqual(shown({ gateways, httpRoutes: [route] }), [
    `a.com prefix /: ${split}:0 ${JSON.stringify([{ on: 'share', share }])}`,
    `a.com prefix /: ${split}:1 []`,
  ]);
});

test('matches of one path – with a method, with headers – are tried before those without', () => {
  const rules = [
    { backendRefs: [to('web')] },
    { matches: [{ headers: [{ name: 'x', value: '1' }] }], backendRefs: [to('next')] },
    { matches: [{ method: 'POST' }], backendRefs: [to('next')] },
  ];
  const found = shown({ gateways, httpRoutes: [httpRouteOf('r', ['a.com'], rules)] });
  assert.deepEqual(
    found.map((line) => line.split(' ')[3]),
    ['http:default:r:2:0:0', 'http:default:r:1:0:0', 'http:default:r:0:0:0'],
  );
});

test('a listener – with a closer name and no route – keeps its hosts from the wider listener', () => {
  const listeners = [http, { ...http, name: 'close', hostname: 'a.com' }];
  const route = httpRouteOf('r', ['a.com', 'b.com'], [{ backendRefs: [to('web')] }], { sectionName: 'http' });
  assert.deepEqual(shown({ gateways: [gatewayOf(...listeners)], httpRoutes: [route] }), [
    'b.com prefix /: http:default:r:0:0:0 []',
  ]);
});

const accepted = 'Accepted True Accepted';
const rows: [string, GatewayObjects, string[]][] = [
  [
    'a Service that is not there',
    { gateways, httpRoutes: [httpRouteOf('r', [], [{ backendRefs: [to('none')] }])] },
    [accepted, 'ResolvedRefs False BackendNotFound'],
  ],
  [
    'a Service of another namespace without a grant',
    { gateways, httpRoutes: [httpRouteOf('r', [], [{ backendRefs: [to('web', { namespace: 'other' })] }])] },
    [accepted, 'ResolvedRefs False RefNotPermitted'],
  ],
  [
    'a Service of another namespace with a grant',
    {
      gateways,
      httpRoutes: [httpRouteOf('r', [], [{ backendRefs: [to('web', { namespace: 'other' })] }])],
      grants: [
        {
          metadata: { name: 'g', namespace: 'other' },
          spec: {
            from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'default' }],
            to: [{ group: '', kind: 'Service' }],
          },
        },
      ],
    },
    [accepted, 'ResolvedRefs True ResolvedRefs'],
  ],
  [
    'a kind that is no Service',
    {
      gateways,
      httpRoutes: [httpRouteOf('r', [], [{ backendRefs: [to('web', { kind: 'Bucket', group: 'x.io' })] }])],
    },
    [accepted, 'ResolvedRefs False InvalidKind'],
  ],
  [
    'a listener that the Gateway has not',
    { gateways, httpRoutes: [httpRouteOf('r', [], [{ backendRefs: [to('web')] }], { sectionName: 'x' })] },
    ['Accepted False NoMatchingParent', 'ResolvedRefs True ResolvedRefs'],
  ],
  [
    'a host name that no listener has',
    {
      gateways: [gatewayOf({ ...http, hostname: 'b.com' })],
      httpRoutes: [httpRouteOf('r', ['a.com'], [{ backendRefs: [to('web')] }])],
    },
    ['Accepted False NoMatchingListenerHostname', 'ResolvedRefs True ResolvedRefs'],
  ],
  [
    'a listener for other kinds',
    {
      gateways: [gatewayOf({ ...http, allowedRoutes: { kinds: [{ kind: 'GRPCRoute' }] } })],
      httpRoutes: [httpRouteOf('r', [], [{ backendRefs: [to('web')] }])],
    },
    ['Accepted False NotAllowedByListeners', 'ResolvedRefs True ResolvedRefs'],
  ],
  [
    'a filter that is not supported',
    {
      gateways,
      httpRoutes: [
        httpRouteOf('r', [], [{ filters: [{ type: 'RequestMirror' }], backendRefs: [to('web')] }]),
      ],
    },
    ['Accepted False UnsupportedValue', 'ResolvedRefs True ResolvedRefs'],
  ],
];
for (const [name, objects, conditions] of rows) {
  test(`the status of an HTTPRoute – ${name} – says so`, () =>
    assert.deepEqual(conditionsOf(objects), conditions));
}

test('listeners of a Gateway – of one port with two protocols, without a certificate – are not served', () => {
  const listeners = [
    http,
    { ...http, name: 'twice' },
    { ...http, name: 'tls', port: 443, protocol: 'HTTPS' },
    { ...http, name: 'udp', protocol: 'UDP' },
  ];
  const [report] = modelOf({ gateways: [gatewayOf(...listeners)] }).gateways;
  const found = report!.listeners.map(({ listener }) =>
    listener.conditions
      .filter(({ status }) => status === 'False')
      .map(({ type, reason }) => `${type} ${reason}`),
  );
  assert.deepEqual(found, [
    ['Conflicted NoConflicts'],
    ['Accepted HostnameConflict', 'Programmed Invalid'],
    ['Programmed Invalid', 'ResolvedRefs InvalidCertificateRef', 'Conflicted NoConflicts'],
    ['Accepted UnsupportedProtocol', 'Programmed Invalid'],
  ]);
});
