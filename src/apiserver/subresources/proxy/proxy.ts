/**
 * `nodes/proxy`, `pods/proxy` and `services/proxy`: passes HTTP on to a kubelet, a pod, or an endpoint of a
 * service.
 */

import { endpoints, nodes, pods, services } from '#api/generated/kinds.gen.ts';
import type { EndpointAddress, Pod, Service } from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { badRequest, notFound, type StatusError, serviceUnavailable } from '#api/meta/status.ts';
import { cleanPath, encodePath } from '#base/net/url-path.ts';
import { withoutEnding } from '#base/text/without-ending.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import type { HandlerContext, SpecialHandler } from '../../contract/special-handler.ts';
import { readObject } from '../../contract/typed-reader.ts';
import { refuseDryRun } from '../body.ts';
import {
  type Destination,
  exchangeWith,
  hostHeaderOf,
  type Kubelets,
} from '../connections/kubelet-connection.ts';
import { ownDoors } from '../connections/own-doors.ts';
import { isGlobalUnicast } from '../connections/reachable.ts';
import { forwardedFor, forwardedHeaders, forwardUpgrade, framingOf } from './forward.ts';
import { throughProxy } from './proxied-answer.ts';

/** The last one is how RequestInfo names OPTIONS. */
const verbs = ['get', 'create', 'update', 'patch', 'delete', ''];

type Locate = (context: HandlerContext, target: ProxyTarget) => Promise<Destination> | Destination;

/** `https:web:8443` in the place of a name. */
interface ProxyTarget {
  readonly scheme: '' | 'http' | 'https';
  readonly name: string;
  readonly port: string;
}

export function proxyHandlers(kubelets: Kubelets): readonly SpecialHandler[] {
  return [
    define(nodes, (context, target) => nodeDestination(kubelets, context, target)),
    define(pods, podDestination),
    define(services, serviceDestination),
  ];
}

function define(type: ResourceType, locate: Locate): SpecialHandler {
  const find = async (context: HandlerContext) => {
    refuseDryRun(context);
    const { name, trailing } = context.info;
    const target = parseTarget(type, name);
    const path = `/${withoutEnding(trailing, '/')}`;
    const object: AnyObject = { kind: `${type.kind}ProxyOptions`, apiVersion: 'v1', path };
    return context.write({ operation: 'CONNECT', name, object, dryRun: false }, () =>
      locate(context, target),
    );
  };
  return {
    group: type.group,
    resource: type.resource,
    subresource: 'proxy',
    verbs,
    async handle(context) {
      const to = await find(context);
      const redirect = missingSlash(context);
      if (redirect) return redirect;
      const { method, headers, body, signal } = context.request;
      const incoming = body ? undefined : context.incomingBody?.();
      const origin = forwardedFor(headers['x-forwarded-for'], context.remoteAddress);
      const answer = await exchangeWith(to, {
        method,
        path: backendPath(context),
        headers: {
          ...forwardedHeaders(headers),
          host: hostHeaderOf(to),
          ...(origin ? { 'x-forwarded-for': origin } : {}),
          'x-forwarded-uri': encodePath(context.info.path),
          ...(incoming ? framingOf(headers['content-length']) : {}),
        },
        unreachable: (why) => serviceUnavailable(`error trying to reach service: ${why}`),
        ...(body ? { body } : {}),
        ...(incoming ? { incoming } : {}),
        ...(signal ? { signal } : {}),
      });
      const hosts = [hostHeaderOf(to), headers['host'] ?? ''];
      const hasBody = method !== 'HEAD' && answer.statusCode !== 304;
      return throughProxy(answer, proxyPrefix(context), hosts, hasBody);
    },
    async upgrade(context, request, socket, head) {
      return forwardUpgrade(await find(context), backendPath(context), request, socket, head);
    },
  };
}

/** Relative links of the page behind the proxy need the slash. */
function missingSlash({ info, request }: HandlerContext): ApiResponse | undefined {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead || info.trailing !== '' || info.path.endsWith('/')) return undefined;
  const location = `${encodePath(info.path)}/${rawQuery(request.path)}`;
  return { status: 301, headers: { location }, body: new Uint8Array() };
}

/** Where the other end's root is for the caller: `/api/v1/namespaces/default/pods/web:80/proxy`. */
function proxyPrefix({ info: { path, trailing } }: HandlerContext): string {
  const [whole, behind] = [withoutEnding(path, '/'), withoutEnding(trailing, '/')];
  return encodePath(withoutEnding(whole.slice(0, whole.length - behind.length), '/'));
}

/** As upstream: decoded with the rest of the URL, without dot segments, and encoded again. */
function backendPath({ info, request }: HandlerContext): string {
  return encodePath(cleanPath(`/${info.trailing}`)) + rawQuery(request.path);
}

/** For the other end, as it was written. */
function rawQuery(url: string): string {
  const start = url.indexOf('?');
  return start < 0 ? '' : url.slice(start);
}

function parseTarget(type: ResourceType, text: string): ProxyTarget {
  const parts = text.split(':');
  const [scheme, name, port = ''] = parts.length === 3 ? parts : ['', ...parts];
  const isScheme = scheme === '' || scheme === 'http' || scheme === 'https';
  if (parts.length <= 3 && name && isScheme) return { scheme, name, port };
  throw badRequest(`invalid ${type.kind.toLowerCase()} request "${text}"`);
}

function nodeDestination(kubelets: Kubelets, context: HandlerContext, target: ProxyTarget): Destination {
  const kubelet = kubelets.of(context.reader, target.name);
  if (target.port === '' || Number(target.port) === kubelet.port) return kubelet;
  return destination(kubelet.host, Number(target.port), target.scheme);
}

async function podDestination(context: HandlerContext, target: ProxyTarget): Promise<Destination> {
  const pod = (await context.serverClient.get(pods, context.info.namespace, target.name)) as Pod;
  const address = pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP ?? '';
  if (!isGlobalUnicast(address)) throw badRequest('address not allowed');
  return destination(address, portOfPod(pod, target), target.scheme);
}

function portOfPod(pod: Pod, { port, scheme }: ProxyTarget): number {
  const ports = (pod.spec?.containers ?? []).flatMap((container) => container.ports ?? []);
  if (port === '') return ports[0]?.containerPort ?? (scheme === 'https' ? 443 : 80);
  if (/^\d+$/.test(port)) return Number(port);
  const named = ports.find((candidate) => candidate.name === port);
  if (!named) throw badRequest(`no port named "${port}" on pod ${pod.metadata?.name}`);
  return named.containerPort;
}

async function serviceDestination(context: HandlerContext, target: ProxyTarget): Promise<Destination> {
  const portName = await portNameOf(context, target);
  const object = readObject(context.reader, endpoints, context.info.namespace, target.name);
  // As upstream: the registry of services asks for them.
  if (!object) throw notFound(services, target.name);
  const { subsets = [] } = object;
  if (subsets.length === 0) throw noEndpoints(target.name);
  for (const { addresses = [], ports = [] } of fromRandom(context, subsets)) {
    for (const port of ports.filter(({ name = '' }) => name === portName)) {
      const address = fromRandom(context, addresses).find((candidate) => isPodAddress(context, candidate));
      if (!address) continue;
      const except = ownDoors(context.reader, port.port);
      return { ...destination(address.ip, port.port, target.scheme), except };
    }
  }
  throw noEndpoints(idOf(target));
}

function noEndpoints(service: string): StatusError {
  return serviceUnavailable(`no endpoints available for service "${service}"`);
}

/** All of them, in their order, from a random one on. */
function fromRandom<T>({ env }: HandlerContext, all: readonly T[]): readonly T[] {
  const start = Math.floor(env.random.float() * all.length);
  return [...all.slice(start), ...all.slice(0, start)];
}

/** As it stood in the URL. */
function idOf({ scheme, name, port }: ProxyTarget): string {
  if (scheme !== '') return `${scheme}:${name}:${port}`;
  return port === '' ? name : `${name}:${port}`;
}

/** What endpoints call the port: the service is looked at only for a port given as a number, as upstream. */
async function portNameOf(
  { serverClient, info }: HandlerContext,
  { name, port }: ProxyTarget,
): Promise<string> {
  if (!/^[+-]?\d+$/.test(port)) return port;
  const service = (await serverClient.get(services, info.namespace, name)) as Service;
  const found = service.spec?.ports?.find((candidate) => candidate.port === Number(port));
  if (!found) throw serviceUnavailable(`no service port ${Number(port)} found for service "${name}"`);
  return found.name ?? '';
}

/** Anything else that a user wrote into Endpoints is not reached through the API server. */
function isPodAddress({ reader, info }: HandlerContext, { ip, targetRef }: EndpointAddress): boolean {
  if (targetRef?.namespace !== info.namespace) return false;
  const pod = readObject(reader, pods, info.namespace, targetRef.name ?? '');
  return pod?.status?.podIPs?.some((candidate) => candidate.ip === ip) ?? false;
}

function destination(host: string, port: number, scheme: string): Destination {
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw badRequest(`invalid port "${port}"`);
  // A pod's own certificate is accepted unverified, as upstream does.
  return { host, port, ...(scheme === 'https' ? { tls: { verify: false } } : {}) };
}
