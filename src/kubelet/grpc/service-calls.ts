/** Calls of the methods of a described gRPC service, with messages as plain data. */

import type { Client, ServiceError } from '@grpc/grpc-js';
import { systemClock } from '#host/system-env.ts';
import { asRpcError } from './rpc-error.ts';
import { type Message, type ServiceDescription, ServiceTypes } from './service-types.ts';

export interface CallOptions {
  /** Infinite for a call that may take as long as it likes. */
  readonly timeoutMs: number;
  /** Ends the call for both sides. */
  readonly signal?: AbortSignal | undefined;
}

export class ServiceCalls {
  readonly #types: ServiceTypes;

  constructor(description: ServiceDescription) {
    this.#types = new ServiceTypes(description);
  }

  /** Rejects with `RpcError`. */
  call(
    client: Client,
    service: string,
    method: string,
    request: Message,
    { timeoutMs, signal }: CallOptions,
  ): Promise<Message> {
    const types = this.#types.method(service, method);
    return new Promise<Message>((resolve, reject) => {
      signal?.throwIfAborted();
      const cancel = () => call.cancel();
      const call = client.makeUnaryRequest<Message, Message>(
        types.path,
        (message) => types.request.encode(message),
        (bytes) => types.response.decode(bytes),
        request,
        { deadline: systemClock.now() + timeoutMs },
        (error, response) => {
          signal?.removeEventListener('abort', cancel);
          if (error) reject(asRpcError(error));
          else resolve(response ?? {});
        },
      );
      signal?.addEventListener('abort', cancel, { once: true });
    });
  }

  /**
   * Calls a method whose response is a stream, which `onMessage` gets one message at a time. Resolves when the server
   * ends the stream; rejects with `RpcError`, also when `signal` ends the call.
   */
  stream(
    client: Client,
    service: string,
    method: string,
    request: Message,
    { onMessage, signal }: { onMessage: (message: Message) => void; signal: AbortSignal },
  ): Promise<void> {
    const types = this.#types.method(service, method);
    return new Promise<void>((resolve, reject) => {
      signal.throwIfAborted();
      const call = client.makeServerStreamRequest<Message, Message>(
        types.path,
        (message) => types.request.encode(message),
        (bytes) => types.response.decode(bytes),
        request,
      );
      const cancel = () => call.cancel();
      const settle = (settled: () => void) => {
        signal.removeEventListener('abort', cancel);
        settled();
      };
      call.on('data', onMessage);
      call.on('end', () => settle(resolve));
      call.on('error', (error: ServiceError) => settle(() => reject(asRpcError(error))));
      signal.addEventListener('abort', cancel, { once: true });
    });
  }
}
