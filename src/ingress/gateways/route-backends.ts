/** The backends of a rule: one for each Service it names, sharing its requests by weight. */

import type { Stored } from '#api/meta/object.ts';
import {
  type Backend,
  defaultTimeouts,
  type Route as ProxyRoute,
  type Condition as RouteCondition,
  type Step,
} from '../model/model.ts';
import { endpointsOf, servicePort } from '../objects/endpoints.ts';
import { readDurationMs } from './duration.ts';
import { filterSteps } from './filters.ts';
import type { GatewayView } from './gateway-view.ts';
import { isGranted } from './grants.ts';
import type { BackendReference, Condition, Route } from './kinds.ts';
import type { RouteRule, RuleMatch } from './matches.ts';

export interface RuleContext {
  readonly route: Stored<Route>;
  readonly kind: 'HTTPRoute' | 'GRPCRoute';
  readonly index: number;
  readonly listenerPort: number;
  readonly view: GatewayView;
}

export interface RuleBackends {
  readonly backends: readonly Backend[];
  /** The routes of one match, in the order they are tried. */
  readonly routes: readonly ProxyRoute[];
  /** The first reference that cannot be resolved. */
  readonly problem?: Omit<Condition, 'type'>;
}

interface Resolved {
  readonly endpoints: Backend['endpoints'];
  readonly appProtocol?: string;
  readonly problem?: Omit<Condition, 'type'>;
}

/** The filters that replace a path depend on the match: each match has backends of its own. */
export function ruleBackends(
  rule: RouteRule,
  match: RuleMatch,
  matchIndex: number,
  context: RuleContext,
): RuleBackends {
  const { route, kind, index, listenerPort } = context;
  const { namespace, name } = route.metadata;
  const id = `${kind === 'HTTPRoute' ? 'http' : 'grpc'}:${namespace}:${name}:${index}:${matchIndex}`;
  const filterContext = { prefix: match.path.value, listenerPort };
  const steps = filterSteps(rule.filters ?? [], filterContext);
  const references = (rule.backendRefs ?? []).filter(({ weight = 1 }) => weight > 0);
  const base = { owner: route, protocol: 'http' as const, timeouts: timeoutsOf(rule) };
  if (references.length === 0) {
    const refuse: Step[] = steps.some((step) => step.do === 'redirect')
      ? []
      : [{ do: 'refuse', status: 500 }];
    const only: Backend = { ...base, id, endpoints: [], steps: [...steps, ...refuse] };
    return { backends: [only], routes: [{ conditions: match.conditions, backend: id }] };
  }
  const resolved = references.map((reference) => resolve(reference, context));
  const backends = references.map((reference, at): Backend => {
    const { endpoints, appProtocol, problem } = resolved[at]!;
    const own = filterSteps(reference.filters ?? [], filterContext);
    const refuse: Step[] = problem ? [{ do: 'refuse', status: 500 }] : [];
    const isHttp2 = kind === 'GRPCRoute' || appProtocol === 'kubernetes.io/h2c';
    return {
      ...base,
      ...(isHttp2 ? { protocol: 'http2' } : {}),
      id: `${id}:${at}`,
      endpoints,
      steps: [...refuse, ...steps, ...own],
    };
  });
  const problem = resolved.find((reference) => reference.problem)?.problem;
  return { backends, routes: weighted(id, references, match.conditions), ...(problem ? { problem } : {}) };
}

function weighted(
  split: string,
  references: readonly BackendReference[],
  conditions: readonly RouteCondition[],
): ProxyRoute[] {
  if (references.length === 1) return [{ conditions, backend: `${split}:0` }];
  const total = references.reduce((sum, { weight = 1 }) => sum + weight, 0);
  let from = 0;
  return references.map(({ weight = 1 }, at) => {
    const share = { split, from, to: from + weight, total };
    from += weight;
    // What the last gets follows from the others.
    const isLast = at === references.length - 1;
    return {
      conditions: isLast ? conditions : [...conditions, { on: 'share', share }],
      backend: `${split}:${at}`,
    };
  });
}

function timeoutsOf({ timeouts = {} }: RouteRule): Backend['timeouts'] {
  const given = [timeouts.request, timeouts.backendRequest]
    .map((text) => (text === undefined ? undefined : readDurationMs(text)))
    .filter((value) => value !== undefined && value > 0) as number[];
  return given.length === 0 ? defaultTimeouts : { ...defaultTimeouts, serverMs: Math.min(...given) };
}

function resolve(reference: BackendReference, { route, kind, view }: RuleContext): Resolved {
  const { group = '', kind: toKind = 'Service', name, namespace, port } = reference;
  const fromNamespace = route.metadata.namespace ?? '';
  const toNamespace = namespace ?? fromNamespace;
  const problem = (reason: string, message: string): Resolved => ({
    endpoints: [],
    problem: { status: 'False', reason, message },
  });
  if (group !== '' || toKind !== 'Service') {
    return problem('InvalidKind', `${toKind} ${name} is not a Service`);
  }
  const to = { toGroup: '', toKind: 'Service', toNamespace, toName: name };
  if (!isGranted(view.grants(), { fromKind: kind, fromNamespace, ...to })) {
    return problem('RefNotPermitted', `no ReferenceGrant permits Service ${toNamespace}/${name}`);
  }
  const service = view.service(toNamespace, name);
  const found = service && port !== undefined && servicePort(service, { number: port });
  if (!service || !found) {
    return problem('BackendNotFound', `Service ${toNamespace}/${name} has no port ${port}`);
  }
  const { appProtocol } = found;
  const endpoints = endpointsOf(view.slices(toNamespace, name), found);
  return { endpoints, ...(appProtocol === undefined ? {} : { appProtocol }) };
}
