/** Calls of the methods of a described gRPC service, with messages as plain data. */

import type { Client } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import { systemClock } from '#host/system-env.ts';
import { asRpcError } from './rpc-error.ts';

/** A message as plain data: camelCase fields, enum values by name, int64 as numbers. */
export type Message = Record<string, unknown>;

/** What `tools/build-proto.ts` makes of a .proto file. */
export interface ServiceDescription {
  readonly package: string;
  /** The types of request and response, by method, by service. */
  readonly services: object;
  readonly descriptor: object;
}

export interface CallOptions {
  /** Infinite for a call that may take as long as it likes. */
  readonly timeoutMs: number;
  /** Ends the call for both sides. */
  readonly signal?: AbortSignal | undefined;
}

const decodeOptions = { longs: Number, enums: String, defaults: true, arrays: true, objects: true };

export class ServiceCalls {
  readonly #package: string;
  readonly #services: Record<string, Record<string, string[]>>;
  readonly #root: protobuf.Root;

  constructor(description: ServiceDescription) {
    this.#package = description.package;
    this.#services = description.services as Record<string, Record<string, string[]>>;
    this.#root = protobuf.Root.fromJSON(description.descriptor as protobuf.INamespace);
  }

  /** Rejects with `RpcError`. */
  call(
    client: Client,
    service: string,
    method: string,
    request: Message,
    { timeoutMs, signal }: CallOptions,
  ): Promise<Message> {
    const types = this.#services[service]?.[method];
    if (!types) throw new Error(`no method ${service}.${method}`);
    const [requestType, responseType] = types.map((name) => this.#root.lookupType(name)) as [
      protobuf.Type,
      protobuf.Type,
    ];
    return new Promise<Message>((resolve, reject) => {
      signal?.throwIfAborted();
      const cancel = () => call.cancel();
      const call = client.makeUnaryRequest<Message, Message>(
        `/${this.#package}.${service}/${method}`,
        (message) => Buffer.from(requestType.encode(requestType.fromObject(message)).finish()),
        (bytes) => responseType.toObject(responseType.decode(bytes), decodeOptions),
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
}
