/** `pods/log`: the container's log from its kubelet, followed if the request says so. */

import { pods } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import { badRequest, failure, internalError, invalid, unknownError } from '#api/meta/status.ts';
import { decodePodLogOptions, encodePodLogOptions, validatePodLogOptions } from '#api/pods/log-options.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { isWebSocketRequest } from '#host/http/connection-headers.ts';
import type { HandlerContext, SpecialHandler } from '../../contract/special-handler.ts';
import { exchangeWith, hostAndPort, hostHeaderOf, type Kubelets } from '../connections/kubelet-connection.ts';
import { containerFor } from './container-choice.ts';
import { readAll, streamOf } from './forward.ts';
import { sendOverWebSocket } from './web-socket-body.ts';

const errorBytesMax = 2048;

export function podLogHandler(kubelets: Kubelets): SpecialHandler {
  return {
    group: '',
    resource: 'pods',
    subresource: 'log',
    verbs: ['get'],
    handle: (context) => readLog(kubelets, context),
    async upgrade(context, request, socket, head) {
      if (!isWebSocketRequest(request.headers)) throw badRequest('a log can be upgraded to a WebSocket only');
      return sendOverWebSocket(await readLog(kubelets, context), request, socket, head);
    },
  };
}

async function readLog(kubelets: Kubelets, context: HandlerContext): Promise<ApiResponse> {
  const { namespace, name, query } = context.info;
  context.checkAccept({ tables: false, route: 'log' });
  const options = decodePodLogOptions(query);
  const errors = validatePodLogOptions(options);
  if (errors.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, name, errors);
  const pod = (await context.serverClient.get(pods, namespace, name)) as Pod;
  const container = containerFor(pod, query.get('container') ?? '');
  // As upstream: a pod that is nowhere has no log.
  if (!pod.spec?.nodeName) return { status: 204, headers: {}, body: new Uint8Array() };
  const path = `/containerLogs/${namespace}/${name}/${container}?${encodePodLogOptions(options)}`;
  const { signal } = context.request;
  const kubelet = kubelets.of(context.reader, pod.spec.nodeName);
  const unreachable = (why: string) =>
    unknownError(`Get "https://${hostAndPort(kubelet)}${path.replace(/\?$/, '')}": ${why}`);
  const headers = { host: hostHeaderOf(kubelet), accept: '*/*' };
  const request = { method: 'GET', path, headers, unreachable, ...(signal ? { signal } : {}) };
  const answer = await exchangeWith(kubelet, request, kubelets.agent);
  const code = answer.statusCode ?? 500;
  if (code >= 400) throw refusal(code, name, await readAll(answer, errorBytesMax));
  return { status: 200, headers: { 'content-type': 'text/plain' }, body: streamOf(answer) };
}

function refusal(code: number, name: string, text: string): Error {
  if (code === 400) return badRequest(text);
  if (code === 500) return internalError(text);
  const reason = code === 404 ? 'NotFound' : 'Unknown';
  const what =
    code === 404
      ? 'the server could not find the requested resource'
      : `the server responded with the status code ${code} but did not return more information`;
  return failure(code, reason, `${what} ( pods/log ${name})`, {
    name,
    kind: 'pods/log',
    causes: [{ reason: 'UnexpectedServerResponse', message: text }],
  });
}
