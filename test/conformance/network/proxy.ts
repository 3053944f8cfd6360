/**
 * The API server as a proxy to pods and services: by every method, by port and scheme, with and without a
 * path.
 */

import assert from 'node:assert/strict';
import { configMaps, secrets } from '#api/generated/kinds.gen.ts';
import { requestAndCertificate } from '../auth/signing-request.ts';
import { type Behaviour, type BehaviourContext, behaviour, images } from '../behaviour.ts';
import { podOf, start } from '../common/running.ts';
import { type Answer, request } from '../shared/requests.ts';
import { createService } from './asking.ts';

const methods = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];

/**
 * nginx with these `server` blocks, a certificate for them, and `name` as the pod's and the service's label.
 */
async function startNginx(context: BehaviourContext, name: string, servers: string[]): Promise<void> {
  const { client, namespace } = context;
  const metadata = { name, namespace };
  const config = `user root; pid /run/nginx.pid; error_log /dev/stderr warn; events {}
    http { ssl_certificate /tls/tls.crt; ssl_certificate_key /tls/tls.key; ${servers.join('\n')} }`;
  const { certificate, key } = await requestAndCertificate('e2e');
  await client.create(configMaps, { metadata, data: { 'nginx.conf': config } });
  await client.create(secrets, {
    metadata,
    type: 'kubernetes.io/tls',
    stringData: { 'tls.crt': certificate, 'tls.key': key },
  });
  const container = {
    image: images.nginx,
    command: ['nginx', '-c', '/config/nginx.conf', '-g', 'daemon off;'],
    volumeMounts: [
      { name: 'config', mountPath: '/config' },
      { name: 'tls', mountPath: '/tls' },
    ],
  };
  const volumes = [
    { name: 'config', configMap: { name } },
    { name: 'tls', secret: { secretName: name } },
  ];
  await start(context, podOf(context, name, container, { volumes }));
}

/** Answers in JSON with the method of the request. */
async function startEcho(context: BehaviourContext): Promise<string[]> {
  const server = `server { listen 80; return 200 '{"Body":"foo","Method":"$request_method"}'; }`;
  await startNginx(context, 'echo', [server]);
  await createService(context, 'echo-service', { selector: { name: 'echo' }, ports: [{ port: 80 }] });
  const { namespace } = context;
  return ['pods/echo', 'services/echo-service'].map((path) => `/api/v1/namespaces/${namespace}/${path}`);
}

async function answersTo(context: BehaviourContext, method: string, path: string): Promise<void> {
  await context.eventually(`${method} ${path} is answered`, async () => {
    const { status, text } = await request(context, method, path);
    assert.equal(status, 200, text);
    if (method !== 'HEAD') assert.deepEqual(JSON.parse(text), { Body: 'foo', Method: method });
    return true;
  });
}

async function withPath(context: BehaviourContext): Promise<void> {
  for (const place of await startEcho(context)) {
    for (const method of methods) await answersTo(context, method, `${place}/proxy/some/path/with/${method}`);
  }
}

/** Who only reads is sent to the path with a slash; all others are answered. */
async function withoutPath(context: BehaviourContext): Promise<void> {
  for (const place of await startEcho(context)) {
    for (const method of methods) {
      const path = `${place}/proxy?method=${method}`;
      if (method === 'GET' || method === 'HEAD') {
        const { status, headers } = await request(context, method, path);
        assert.equal(status, 301);
        assert.equal(headers['location'], `${place}/proxy/?method=${method}`);
      } else await answersTo(context, method, path);
    }
  }
}

const said = (port: number, text: string, tls = '') =>
  `server { listen ${port} ${tls}; return 200 '${text}'; }`;
const page = `server { listen 1080; default_type text/html; return 200 '<a href="/rewriteme">test</a>'; }`;

async function byPortAndScheme(context: BehaviourContext): Promise<void> {
  const { namespace } = context;
  const tls = (port: number, text: string) => said(port, `tls ${text}`, 'ssl');
  await startNginx(context, 'serving', [
    page,
    said(160, 'foo'),
    said(162, 'bar'),
    tls(443, 'baz'),
    tls(460, 'baz'),
    tls(462, 'qux'),
  ]);
  const port = (name: string, number: number, targetPort: number) => ({ name, port: number, targetPort });
  await createService(context, 'served', {
    selector: { name: 'serving' },
    ports: [
      port('portname1', 80, 160),
      port('portname2', 81, 162),
      port('tlsportname1', 443, 460),
      port('tlsportname2', 444, 462),
    ],
  });
  const base = `/api/v1/namespaces/${namespace}`;
  const expected: [target: string, text: string][] = [
    ['services/served:portname1', 'foo'],
    ['services/served:80', 'foo'],
    ['services/served:portname2', 'bar'],
    ['services/served:81', 'bar'],
    ['services/http:served:portname1', 'foo'],
    ['services/http:served:portname2', 'bar'],
    ['services/https:served:tlsportname1', 'tls baz'],
    ['services/https:served:443', 'tls baz'],
    ['services/https:served:tlsportname2', 'tls qux'],
    ['pods/serving:160', 'foo'],
    ['pods/serving:162', 'bar'],
    ['pods/http:serving:160', 'foo'],
    ['pods/https:serving:443', 'tls baz'],
    ['pods/https:serving:460', 'tls baz'],
    ['pods/https:serving:462', 'tls qux'],
    // Links of a page lead back through the proxy.
    ['pods/serving:1080', `<a href="${base}/pods/serving:1080/proxy/rewriteme">test</a>`],
    ['pods/http:serving:1080', `<a href="${base}/pods/http:serving:1080/proxy/rewriteme">test</a>`],
  ];
  const textOf = ({ status, text }: Answer) => `${status} ${text}`;
  for (const [target, text] of expected) {
    await context.eventually(`${target} says ${text}`, async () => {
      assert.equal(textOf(await request(context, 'GET', `${base}/${target}/proxy/`)), `200 ${text}`);
      return true;
    });
  }
}

const prefix = '[sig-network] Proxy version v1';

export const proxyArea: readonly Behaviour[] = [
  behaviour(`${prefix} should proxy through a service and a pod [Conformance]`, byPortAndScheme),
  behaviour(
    `${prefix} A set of valid responses are returned for both pod and service ProxyWithPath [Conformance]`,
    withPath,
  ),
  behaviour(
    `${prefix} A set of valid responses are returned for both pod and service Proxy [Conformance]`,
    withoutPath,
  ),
];
