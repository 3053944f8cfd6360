/** The routes of one Ingress: a backend for each Service that its paths name, under the policy of its annotations. */

import type { HTTPIngressPath, Ingress, IngressBackend } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { fnv1a } from '#base/text/fnv1a.ts';
import type { Backend, BackendTls, Condition, PathMatch, PathRoutes, Route, Step } from '../model/model.ts';
import { Unservable } from '../objects/certificate.ts';
import { endpointsOf, servicePort } from '../objects/endpoints.ts';
import type { View } from '../objects/view.ts';
import type { Canary, Policy } from './annotations/policy.ts';

export interface IngressRoutes {
  /** In the order of the rules; a host may come several times. */
  readonly hosts: readonly { readonly host: string; readonly path: PathRoutes }[];
  /** For requests that no path of any Ingress matches. */
  readonly defaults: readonly Route[];
  readonly backends: readonly Backend[];
  /** Paths that cannot be served, each with the reason. */
  readonly problems: readonly string[];
}

/** What plain HTTP is redirected with, as nginx's controller does. */
const redirectCode = 308;

/** The proxy reads its maps in pieces of 16 KB. */
const pathCharactersMax = 1024;
const regexCharactersMax = 1024;

export function ingressRoutes(
  ingress: Stored<Ingress>,
  policy: Policy,
  view: View,
  tlsPort: number,
): IngressRoutes {
  return new Builder(ingress, policy, view, tlsPort).build();
}

class Builder {
  readonly #ingress: Stored<Ingress>;
  readonly #policy: Policy;
  readonly #view: View;
  readonly #tlsPort: number;
  readonly #backends = new Map<string, Backend>();
  readonly #problems = new Set<string>();

  constructor(ingress: Stored<Ingress>, policy: Policy, view: View, tlsPort: number) {
    this.#ingress = ingress;
    this.#policy = policy;
    this.#view = view;
    this.#tlsPort = tlsPort;
  }

  build(): IngressRoutes {
    const hosts: { host: string; path: PathRoutes }[] = [];
    const { rules = [], defaultBackend } = this.#ingress.spec ?? {};
    for (const { host = '', http } of rules) {
      for (const path of http?.paths ?? []) {
        if (!this.#isServable(path)) continue;
        const routes = this.#routes(path.backend, host, this.#regexOf(path));
        if (routes.length > 0) hosts.push({ host, path: { ...this.#matchOf(path), routes } });
      }
    }
    const defaults =
      defaultBackend && !this.#policy.canary ? this.#routes(defaultBackend, '', undefined) : [];
    return { hosts, defaults, backends: [...this.#backends.values()], problems: [...this.#problems] };
  }

  /** An expression has to be whole in itself: it is put beside those of other hosts. */
  #isServable({ path = '/', pathType }: HTTPIngressPath): boolean {
    const isRegex = this.#policy.hasRegexPaths && pathType !== 'Exact';
    if (path.length > (isRegex ? regexCharactersMax : pathCharactersMax)) {
      this.#problems.add(`a path of ${path.length} characters is too long to be served`);
      return false;
    }
    if (!isRegex || isExpression(path)) return true;
    this.#problems.add(`path ${JSON.stringify(path)} is not a regular expression`);
    return false;
  }

  #matchOf({ path = '/', pathType }: HTTPIngressPath): PathMatch {
    if (pathType === 'Exact') return { kind: 'exact', value: path };
    if (this.#policy.hasRegexPaths) return { kind: 'regex', value: path };
    return { kind: pathType === 'Prefix' ? 'prefix' : 'begins', value: path };
  }

  /** The expression whose captures the rewrite target names. */
  #regexOf({ path = '/', pathType }: HTTPIngressPath): string | undefined {
    if (this.#policy.rewriteTarget === undefined) return undefined;
    return pathType === 'Exact' ? `${path.replace(/[^\w/-]/g, '\\$&')}$` : path;
  }

  #routes(backend: IngressBackend, host: string, regex: string | undefined): Route[] {
    const id = this.#backend(backend, host, regex);
    if (id === undefined) return [];
    const { canary } = this.#policy;
    return canary ? canaryRoutes(canary, id) : [{ conditions: [], backend: id }];
  }

  /** Undefined when the path leads nowhere. A Service that is not there has no endpoints: clients get 503. */
  #backend({ service: named }: IngressBackend, host: string, regex: string | undefined): string | undefined {
    if (!named) {
      this.#problems.add('a backend that is not a Service cannot be served');
      return undefined;
    }
    const { namespace = '', name } = this.#ingress.metadata;
    const redirects = this.#redirectsToTls(host);
    const variant = regex === undefined ? '' : `:${fnv1a(regex).toString(16)}`;
    const port = named.port?.name ?? named.port?.number;
    const id = `${namespace}:${name}:${named.name}:${port}${redirects ? ':tls' : ''}${variant}`;
    if (!this.#backends.has(id)) this.#backends.set(id, this.#newBackend(id, named, redirects, regex));
    return id;
  }

  #newBackend(
    id: string,
    { name, port: reference = {} }: NonNullable<IngressBackend['service']>,
    redirects: boolean,
    regex: string | undefined,
  ): Backend {
    const namespace = this.#ingress.metadata.namespace ?? '';
    const service = this.#view.service(namespace, name);
    const port = service && servicePort(service, reference);
    if (!service) this.#problems.add(`Service ${namespace}/${name} does not exist`);
    else if (!port) {
      this.#problems.add(`Service ${namespace}/${name} has no port ${reference.name ?? reference.number}`);
    } else if (service.spec?.type === 'ExternalName') {
      this.#problems.add(
        `Service ${namespace}/${name} is of type ExternalName, which an Ingress cannot lead to`,
      );
    }
    const endpoints = service && port ? endpointsOf(this.#view.slices(namespace, name), port) : [];
    const { timeouts, affinity, limits, users } = this.#policy;
    return {
      id,
      owner: this.#ingress,
      endpoints,
      ...protocolOf(port?.appProtocol, this.#policy),
      timeouts,
      steps: this.#steps(redirects, regex),
      ...(affinity ? { affinity } : {}),
      ...(limits ? { limits } : {}),
      ...(users ? { users } : {}),
    };
  }

  #redirectsToTls(host: string): boolean {
    const { redirectsToTls } = this.#policy;
    if (redirectsToTls !== undefined) return redirectsToTls;
    return (this.#ingress.spec?.tls ?? []).some(({ hosts = [] }) => hosts.includes(host));
  }

  #steps(redirects: boolean, regex: string | undefined): Step[] {
    const { redirects: always, checks, changes, rewriteTarget } = this.#policy;
    const port = this.#tlsPort === 443 ? {} : { port: this.#tlsPort };
    const toTls: Step = {
      do: 'redirect',
      code: redirectCode,
      to: { scheme: 'https', ...port },
      onlyPlain: true,
    };
    const rewrite: Step[] =
      rewriteTarget === undefined || regex === undefined
        ? []
        : [{ do: 'rewrite path', rewrite: { regex, target: rewriteTarget } }];
    return [...(redirects ? [toTls] : []), ...always, ...checks, ...changes, ...rewrite];
  }
}

/** The annotation goes before what the port of the Service says. */
function protocolOf(
  appProtocol: string | undefined,
  { protocol, tls }: Policy,
): { readonly protocol: Backend['protocol']; readonly tls?: BackendTls } {
  if (protocol) return { protocol, ...(tls ? { tls } : {}) };
  if (appProtocol === 'kubernetes.io/h2c' || appProtocol === 'grpc') return { protocol: 'http2' };
  if (appProtocol === 'https' || appProtocol === 'kubernetes.io/wss') return { protocol: 'http', tls: {} };
  return { protocol: 'http' };
}

/** A header goes before a cookie, a cookie before the weight; `never` in either keeps a request from the weight. */
function canaryRoutes(
  { header, headerValue, headerPattern, cookie, weight, weightTotal }: Canary,
  backend: string,
): Route[] {
  const routes: Route[] = [];
  const others: Condition[] = [];
  if (header !== undefined) {
    const match = headerPattern !== undefined ? { matches: headerPattern } : { is: headerValue ?? 'always' };
    routes.push({ backend, conditions: [{ on: 'header', name: header, match }] });
    if (headerValue === undefined && headerPattern === undefined) {
      others.push({ on: 'header', name: header, match: { isNot: 'never' } });
    }
  }
  if (cookie !== undefined) {
    routes.push({
      backend,
      conditions: [...others, { on: 'cookie', name: cookie, match: { is: 'always' } }],
    });
    others.push({ on: 'cookie', name: cookie, match: { isNot: 'never' } });
  }
  if (weight > 0) {
    const share = { split: backend, from: 0, to: weight, total: weightTotal };
    routes.push({ backend, conditions: [...others, { on: 'share', share }] });
  }
  return routes;
}

/** Of a problem that is thrown; any other error is not an object's. */
export function reasonOf(error: unknown): string {
  if (error instanceof Unservable) return error.message;
  throw error;
}

function isExpression(text: string): boolean {
  try {
    new RegExp(text.replace(/^\(\?i\)/, ''));
    return true;
  } catch {
    return false;
  }
}
