/**
 * The typed client over any transport: builds the request, reads the response, turns failures into
 * `StatusError`.
 */

import type { KubeList, KubeObject, Stored } from '#api/meta/object.ts';
import { apiVersionOf, type ResourceType, resourcePath } from '#api/meta/resource.ts';
import { type Status, StatusError } from '#api/meta/status.ts';
import { unexpectedResponse } from '#api/meta/unexpected-response.ts';
import type { ReadBounds } from '#base/read-bounds.ts';
import type {
  Client,
  DeleteOptions,
  ListOptions,
  PatchOptions,
  PatchType,
  WatchOptions,
  WriteOptions,
} from '../client.ts';
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

interface ObjectKey {
  readonly namespace?: string;
  readonly name: string;
}

export interface ClientOptions {
  /** Sent as User-Agent, whose first part becomes the field manager of writes without one. */
  readonly userAgent?: string;
}

export function createClient(transport: Transport, options: ClientOptions = {}): Client {
  const requests = new Requests(transport, options.userAgent);
  return { ...readCalls(requests), ...writeCalls(requests), ...deleteCalls(requests) };
}

interface SendOptions {
  readonly contentType?: string | undefined;
  readonly accept?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For the whole answer, with which a streamed one is read, too. */
  readonly bounds?: ReadBounds | undefined;
}

/** Such an answer may be another API server's, which this one passes on. */
const rawBytesMax = 64 * 1024 * 1024;

const metadataType = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

/** Sends requests and rejects with a `StatusError` when the answer is not a success. */
class Requests {
  readonly #transport: Transport;
  readonly #headers: Record<string, string> = { accept: 'application/json' };

  constructor(transport: Transport, userAgent: string | undefined) {
    this.#transport = transport;
    if (userAgent) this.#headers['user-agent'] = userAgent;
  }

  async send(
    method: string,
    path: string,
    body?: unknown,
    { contentType = 'application/json', accept, bounds, signal = bounds?.signal }: SendOptions = {},
  ): Promise<ApiResponse> {
    const headers = accept === undefined ? this.#headers : { ...this.#headers, accept };
    const response = await this.#transport.request({
      method,
      path,
      headers: body === undefined ? headers : { ...headers, 'content-type': contentType },
      ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
      ...(signal ? { signal } : {}),
    });
    if (response.status < 200 || response.status > 299) throw await failureOf(response, bounds);
    return response;
  }

  async call<R>(
    method: string,
    path: string,
    body?: unknown,
    contentType?: string,
    accept?: string,
  ): Promise<R> {
    return JSON.parse(await bodyText(await this.send(method, path, body, { contentType, accept }))) as R;
  }
}

// Calls are async functions: an invalid name rejects, as every other failure does.

function readCalls(requests: Requests): Pick<Client, 'get' | 'list' | 'watch' | 'raw'> {
  return {
    get: async <T extends KubeObject>(type: ResourceType<T>, key: ObjectKey, subresource?: string) =>
      requests.call<Stored<T>>('GET', pathOf(type, { ...key, subresource })),

    async list<T extends KubeObject>(type: ResourceType<T>, list: ListOptions = {}) {
      const path = pathOf(type, { namespace: list.namespace }, listQuery(list));
      const answer = await requests.call<KubeList<Stored<T>>>('GET', path);
      // Go writes an empty list as null, as many an extension API server does.
      answer.items ??= [];
      return answer;
    },

    watch: <T extends KubeObject>(type: ResourceType<T>, options: WatchOptions) => {
      const path = pathOf(type, { namespace: options.namespace }, watchQuery(options));
      return watchEvents<Stored<T>>(
        (signal) => requests.send('GET', path, undefined, { signal }),
        options.signal,
      );
    },

    async raw(method, path, body, given) {
      const bounds = { bytesMax: rawBytesMax, ...given };
      const text = await bodyText(await requests.send(method, path, body, { bounds }), bounds);
      return text === '' ? undefined : JSON.parse(text);
    },
  };
}

function writeCalls(
  requests: Requests,
): Pick<Client, 'create' | 'createSubresource' | 'update' | 'updateStatus' | 'patch'> {
  return {
    create: async <T extends KubeObject>(type: ResourceType<T>, object: T, write: WriteOptions = {}) => {
      const at = { namespace: object.metadata?.namespace, subresource: write.subresource };
      return requests.call<Stored<T>>('POST', pathOf(type, at, writeQuery(write)), typed(type, object));
    },

    createSubresource: async (type, key, subresource, body) =>
      requests.call('POST', pathOf(type, { ...key, subresource }), body),

    update: async <T extends KubeObject>(type: ResourceType<T>, object: T, write: WriteOptions = {}) => {
      const path = pathOf(type, target(object, write), writeQuery(write));
      return requests.call<Stored<T>>('PUT', path, typed(type, object));
    },

    updateStatus: async <T extends KubeObject>(type: ResourceType<T>, object: T) => {
      const path = pathOf(type, target(object, { subresource: 'status' }));
      return requests.call<Stored<T>>('PUT', path, typed(type, object));
    },

    patch: async <T extends KubeObject>(
      type: ResourceType<T>,
      key: ObjectKey,
      patchType: PatchType,
      patch: unknown,
      write: PatchOptions = {},
    ) => {
      const path = pathOf(type, { ...key, subresource: write.subresource }, writeQuery(write));
      const accept = write.onlyMetadata ? metadataType : undefined;
      return requests.call<Stored<T>>('PATCH', path, patch, patchContentType[patchType], accept);
    },
  };
}

function deleteCalls(requests: Requests): Pick<Client, 'delete' | 'deleteCollection'> {
  return {
    async delete(type, key, options = {}) {
      await requests.send('DELETE', pathOf(type, key), deleteBody(options));
    },

    async deleteCollection(type, options) {
      const path = pathOf(type, { namespace: options.namespace }, listQuery(options));
      const answer = await requests.call<KubeList<Stored>>('DELETE', path, deleteBody(options));
      return answer.metadata?.continue ? { continue: answer.metadata.continue } : {};
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

function watchQuery(options: WatchOptions): Query {
  const { allowWatchBookmarks, sendInitialEvents, timeoutSeconds } = options;
  return { ...listQuery(options), watch: true, allowWatchBookmarks, sendInitialEvents, timeoutSeconds };
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

async function failureOf(response: ApiResponse, bounds: ReadBounds | undefined): Promise<StatusError> {
  const text = isStream(response.body) && !bounds ? '' : await bodyText(response, bounds);
  try {
    const status = JSON.parse(text) as Status;
    if (status.kind === 'Status') return new StatusError({ ...status, code: status.code ?? response.status });
  } catch {
    // Not an API server's response (a proxy's page): only the code and the text are known.
  }
  const isText = /^\s*text\//i.test(response.headers['content-type'] ?? 'text/plain');
  return unexpectedResponse(response.status, isText ? text.trim() : 'unknown');
}
