/**
 * The typed client over any transport: builds the request, reads the response, turns failures into
 * `StatusError`.
 */

import type { KubeList, KubeObject, Stored } from '#api/meta/object.ts';
import { apiVersionOf, type ResourceType, resourcePath } from '#api/meta/resource.ts';
import { failure, type Status, StatusError } from '#api/meta/status.ts';
import type { Client, DeleteOptions, ListOptions, PatchType, WatchOptions, WriteOptions } from '../client.ts';
import { bodyText, isStream } from '../transport/body.ts';
import type { ApiResponse, Transport } from '../transport/transport.ts';
import { watchEvents } from '../transport/watch-stream.ts';

const patchContentType: Record<PatchType, string> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

type QueryValue = string | number | boolean | undefined;
type Query = Readonly<Record<string, QueryValue>>;

export interface ClientOptions {
  /** Sent as User-Agent, whose first part becomes the field manager of writes without one. */
  readonly userAgent?: string;
}

export function createClient(transport: Transport, options: ClientOptions = {}): Client {
  const baseHeaders: Record<string, string> = { accept: 'application/json' };
  if (options.userAgent) baseHeaders['user-agent'] = options.userAgent;

  async function send(
    method: string,
    path: string,
    body?: unknown,
    contentType = 'application/json',
    signal?: AbortSignal,
  ): Promise<ApiResponse> {
    const response = await transport.request({
      method,
      path,
      headers: body === undefined ? baseHeaders : { ...baseHeaders, 'content-type': contentType },
      ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
      ...(signal ? { signal } : {}),
    });
    if (response.status < 200 || response.status > 299) throw await failureOf(response);
    return response;
  }

  async function call<R>(method: string, path: string, body?: unknown, contentType?: string): Promise<R> {
    return JSON.parse(await bodyText(await send(method, path, body, contentType))) as R;
  }

  return {
    // Async: an invalid name rejects, as every other failure does.
    get: async <T extends KubeObject>(
      type: ResourceType<T>,
      key: { namespace?: string; name: string },
      subresource?: string,
    ) => call<Stored<T>>('GET', pathOf(type, { ...key, subresource })),

    list: async <T extends KubeObject>(type: ResourceType<T>, list: ListOptions = {}) =>
      call<KubeList<Stored<T>>>('GET', pathOf(type, { namespace: list.namespace }, listQuery(list))),

    create: async <T extends KubeObject>(type: ResourceType<T>, object: T, write: WriteOptions = {}) =>
      call<Stored<T>>(
        'POST',
        pathOf(
          type,
          { namespace: object.metadata?.namespace, subresource: write.subresource },
          writeQuery(write),
        ),
        typed(type, object),
      ),

    createSubresource: async (type, key, subresource, body) =>
      call('POST', pathOf(type, { ...key, subresource }), body),

    update: async <T extends KubeObject>(type: ResourceType<T>, object: T, write: WriteOptions = {}) =>
      call<Stored<T>>('PUT', pathOf(type, target(object, write), writeQuery(write)), typed(type, object)),

    updateStatus: async <T extends KubeObject>(type: ResourceType<T>, object: T) =>
      call<Stored<T>>('PUT', pathOf(type, target(object, { subresource: 'status' })), typed(type, object)),

    patch: async <T extends KubeObject>(
      type: ResourceType<T>,
      key: { namespace?: string; name: string },
      patchType: PatchType,
      patch: unknown,
      write: WriteOptions = {},
    ) =>
      call<Stored<T>>(
        'PATCH',
        pathOf(type, { ...key, subresource: write.subresource }, writeQuery(write)),
        patch,
        patchContentType[patchType],
      ),

    async delete(type, key, options = {}) {
      await send('DELETE', pathOf(type, key), deleteBody(options));
    },

    async deleteCollection(type, options) {
      const path = pathOf(type, { namespace: options.namespace }, listQuery(options));
      const answer = await call<KubeList<Stored>>('DELETE', path, deleteBody(options));
      return answer.metadata?.continue ? { continue: answer.metadata.continue } : {};
    },

    watch: <T extends KubeObject>(type: ResourceType<T>, options: WatchOptions) => {
      const query = {
        ...listQuery(options),
        watch: true,
        allowWatchBookmarks: options.allowWatchBookmarks,
        sendInitialEvents: options.sendInitialEvents,
        timeoutSeconds: options.timeoutSeconds,
      };
      const path = pathOf(type, { namespace: options.namespace }, query);
      return watchEvents<Stored<T>>(
        (signal) => send('GET', path, undefined, undefined, signal),
        options.signal,
      );
    },

    async raw(method, path, body) {
      const text = await bodyText(await send(method, path, body));
      return text === '' ? undefined : JSON.parse(text);
    },
  };
}

function pathOf(
  type: ResourceType,
  at: { namespace?: string | undefined; name?: string; subresource?: string | undefined },
  query: Query = {},
): string {
  const path = resourcePath(type, {
    ...(type.namespaced && at.namespace ? { namespace: at.namespace } : {}),
    ...(at.name ? { name: at.name } : {}),
    ...(at.subresource ? { subresource: at.subresource } : {}),
  });
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) params.set(name, `${value}`);
  return params.size === 0 ? path : `${path}?${params}`;
}

function listQuery(options: ListOptions): Query {
  return {
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    limit: options.limit,
    continue: options.continue,
    resourceVersion: options.resourceVersion,
    resourceVersionMatch: options.resourceVersionMatch,
  };
}

function writeQuery(options: WriteOptions): Query {
  const { dryRun, fieldManager, force } = options;
  return { dryRun: dryRun ? 'All' : undefined, fieldManager, force };
}

function target(object: KubeObject, options: WriteOptions) {
  const { name, namespace } = object.metadata ?? {};
  if (!name) throw new TypeError('an object to be written needs a name');
  return { name, namespace, subresource: options.subresource };
}

/** Items of a list have no apiVersion and kind, but a request body must. */
function typed<T extends KubeObject>(type: ResourceType<T>, object: T): T {
  if (object.apiVersion && object.kind) return object;
  return { ...object, apiVersion: apiVersionOf(type), kind: type.kind };
}

function deleteBody(options: DeleteOptions) {
  return {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(options.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: options.gracePeriodSeconds }),
    ...(options.propagationPolicy ? { propagationPolicy: options.propagationPolicy } : {}),
    ...(options.preconditions ? { preconditions: options.preconditions } : {}),
    ...(options.dryRun ? { dryRun: ['All'] } : {}),
  };
}

async function failureOf(response: ApiResponse): Promise<StatusError> {
  const text = isStream(response.body) ? '' : await bodyText(response);
  try {
    const status = JSON.parse(text) as Status;
    if (status.kind === 'Status') return new StatusError({ ...status, code: status.code ?? response.status });
  } catch {
    // Not an API server's response (a proxy's page): only the code and the text are known.
  }
  return failure(response.status, 'Unknown', text || `the server answered with status ${response.status}`);
}
