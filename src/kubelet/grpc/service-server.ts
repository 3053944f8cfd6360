/** A described gRPC service on a unix socket that the kubelet serves, with messages as plain data. */

import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import { errorText } from '#base/text/error-text.ts';
import { reachableSocket } from '#host/network/reachable-socket.ts';
import { RpcError } from './rpc-error.ts';
import { type Message, type ServiceDescription, ServiceTypes } from './service-types.ts';

/** Throws `RpcError`, or anything else for the code `Unknown` with the error's message. */
export type ServiceMethod = (request: Message) => Promise<Message> | Message;

/** By method, by service. */
type ServiceMethods = Readonly<Record<string, Readonly<Record<string, ServiceMethod>>>>;

/** The services of one .proto file. */
export interface ServedServices {
  readonly description: ServiceDescription;
  readonly methods: ServiceMethods;
}

const requestBytesMax = 4 * 1024 * 1024;
/** Of one connection; the client holds further ones back. */
const callsAtOnceMax = 16;

export class ServiceServer {
  readonly #server: Server;
  readonly #release: () => Promise<void>;
  #isClosed = false;

  private constructor(server: Server, release: () => Promise<void>) {
    this.#server = server;
    this.#release = release;
  }

  /** The socket's folder exists, the socket does not. */
  static async listen(socketPath: string, ...services: readonly ServedServices[]): Promise<ServiceServer> {
    const server = new Server({
      'grpc.max_receive_message_length': requestBytesMax,
      'grpc.max_concurrent_streams': callsAtOnceMax,
    });
    for (const { description, methods } of services) registerAll(server, description, methods);
    const socket = await reachableSocket(socketPath);
    await new Promise<void>((resolve, reject) => {
      const bound = (error: Error | null) => (error ? reject(error) : resolve());
      server.bindAsync(`unix:${socket.path}`, ServerCredentials.createInsecure(), bound);
    });
    return new ServiceServer(server, socket.release);
  }

  /** Ends at once, with the calls that are not answered; the socket is gone then. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#server.forceShutdown();
    await this.#release();
  }
}

function registerAll(server: Server, description: ServiceDescription, services: ServiceMethods): void {
  const types = new ServiceTypes(description);
  for (const [service, methods] of Object.entries(services)) {
    for (const [name, method] of Object.entries(methods)) {
      register(server, types.method(service, name), method);
    }
  }
}

function register(
  server: Server,
  { path, request, response }: ReturnType<ServiceTypes['method']>,
  method: ServiceMethod,
): void {
  server.register<Message, Message>(
    path,
    (call: ServerUnaryCall<Message, Message>, answer: sendUnaryData<Message>) => {
      const answered = (async () => method(call.request))();
      answered.then(
        (message) => answer(null, message),
        (error) =>
          answer({
            code: codeOf(error),
            details: error instanceof RpcError ? error.details : errorText(error),
          }),
      );
    },
    (message) => response.encode(message),
    (bytes) => request.decode(bytes),
    'unary',
  );
}

/** The number of a code that is known by the name that Go prints. */
function codeOf(error: unknown): number {
  if (!(error instanceof RpcError)) return status.UNKNOWN;
  const name = error.code.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
  return status[name as keyof typeof status] ?? status.UNKNOWN;
}
