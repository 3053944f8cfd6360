/**
 * `pods/exec`, `pods/attach`, `pods/portforward`: the caller's connection is spliced to the kubelet of the
 * pod's node.
 */

import { pods } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import { booleanOf } from '#api/http/query-parameters.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { badRequest, forbidden } from '#api/meta/status.ts';
import type { Authorizer } from '../../contract/authorization.ts';
import type { HandlerContext, SpecialHandler } from '../../contract/special-handler.ts';
import { refuseDryRun, upgradeRequired } from '../body.ts';
import type { Destination, Kubelets } from '../connections/kubelet-connection.ts';
import { containerFor } from './container-choice.ts';
import { forwardUpgrade } from './forward.ts';

type PathOf = (pod: Pod, query: URLSearchParams) => string;
type OptionsOf = (query: URLSearchParams) => AnyObject;

export function podConnectionHandlers(kubelets: Kubelets, authorizer: Authorizer): readonly SpecialHandler[] {
  const define = (subresource: string, optionsOf: OptionsOf, pathOf: PathOf): SpecialHandler => {
    const connect = <T>(context: HandlerContext, go: (to: Destination, path: string) => T | Promise<T>) => {
      const { serverClient, reader, info } = context;
      refuseDryRun(context);
      const object = optionsOf(info.query);
      return context.write({ operation: 'CONNECT', name: info.name, object, dryRun: false }, async () => {
        await mayCreate(authorizer, context);
        const pod = (await serverClient.get(pods, info.namespace, info.name)) as Pod;
        const path = pathOf(pod, info.query);
        const nodeName = pod.spec?.nodeName;
        if (!nodeName) throw badRequest(`pod ${info.name} does not have a host assigned`);
        return go(kubelets.of(reader, nodeName), path);
      });
    };
    return {
      group: '',
      resource: 'pods',
      subresource,
      verbs: ['get', 'create'],
      // Whatever else is wrong is answered before a missing upgrade, as upstream.
      handle: async (context) =>
        connect(context, () => {
          throw upgradeRequired();
        }),
      upgrade: async (context, request, socket, head) =>
        connect(context, (to, path) => forwardUpgrade(to, path, request, socket, head)),
    };
  };
  return [
    define(
      'exec',
      (query) => streamOptions('PodExecOptions', query),
      (pod, query) => streamPath('exec', pod, query),
    ),
    define(
      'attach',
      (query) => streamOptions('PodAttachOptions', query),
      (pod, query) => streamPath('attach', pod, query),
    ),
    define('portforward', portForwardOptions, portForwardPath),
  ];
}

/**
 * A WebSocket can only begin with GET, which RBAC calls reading; running a command is not, so it needs
 * `create` as a POST does.
 */
async function mayCreate(authorizer: Authorizer, { info, user }: HandlerContext): Promise<void> {
  if (info.verb === 'create') return;
  const { group, version, resource, subresource, namespace, name, path } = info;
  const asked = {
    user,
    verb: 'create',
    isResource: true,
    group,
    version,
    resource,
    subresource,
    namespace,
    name,
    path,
  };
  const { decision, reason } = await authorizer.authorize(asked);
  if (decision === 'allow') return;
  const what = `cannot create resource "${resource}/${subresource}" in API group "${group}" in the namespace "${namespace}"`;
  throw forbidden(info, name, `User "${user.name}" ${what}${reason ? `: ${reason}` : ''}`);
}

/** What admission sees of a connection to containers. */
function streamOptions(kind: string, query: URLSearchParams): AnyObject {
  const [container, command] = [query.get('container'), query.getAll('command')];
  const wanted = ['stdin', 'stdout', 'stderr', 'tty'].filter((name) => booleanOf(query, name));
  return {
    kind,
    apiVersion: 'v1',
    ...Object.fromEntries(wanted.map((name) => [name, true])),
    ...(container ? { container } : {}),
    ...(command.length > 0 && kind === 'PodExecOptions' ? { command } : {}),
  };
}

function portForwardOptions(query: URLSearchParams): AnyObject {
  const ports = query.getAll('ports').map(Number);
  return { kind: 'PodPortForwardOptions', apiVersion: 'v1', ...(ports.length > 0 ? { ports } : {}) };
}

function streamPath(action: 'exec' | 'attach', pod: Pod, query: URLSearchParams): string {
  const container = containerFor(pod, query.get('container') ?? '');
  const forwarded = new URLSearchParams();
  if (booleanOf(query, 'stdin')) forwarded.set('input', '1');
  if (booleanOf(query, 'stdout')) forwarded.set('output', '1');
  if (booleanOf(query, 'stderr')) forwarded.set('error', '1');
  if (booleanOf(query, 'tty')) forwarded.set('tty', '1');
  if (action === 'exec') for (const word of query.getAll('command')) forwarded.append('command', word);
  const { namespace, name } = pod.metadata!;
  return withQuery(`/${action}/${namespace}/${name}/${container}`, forwarded);
}

function portForwardPath(pod: Pod, query: URLSearchParams): string {
  const forwarded = new URLSearchParams();
  for (const port of query.getAll('ports')) forwarded.append('port', port);
  const { namespace, name } = pod.metadata!;
  return withQuery(`/portForward/${namespace}/${name}`, forwarded);
}

function withQuery(path: string, query: URLSearchParams): string {
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}
