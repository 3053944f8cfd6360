/**
 * Calls of one containerd over its socket, in the namespace of the kubelet's images. Secrets are in messages here, never
 * in the arguments of a program, which every user of the machine can read.
 */

import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import type protobuf from 'protobufjs';
import { messageType } from './messages.ts';

/** Fields by their names in camelCase. */
export type Fields = Record<string, unknown>;

interface Method {
  /** `/containerd.services.content.v1.Content/Read`. */
  readonly path: string;
  readonly request: string;
  readonly response: string;
}

export interface CallOptions {
  /** Default 30 s; infinite for a call that may take as long as it likes. */
  readonly timeoutMs?: number;
  /** Ends the call for both sides. */
  readonly signal?: AbortSignal | undefined;
}

const callTimeoutMs = 30_000;
const messageBytesMax = 16 * 1024 * 1024;
const decoding: protobuf.IConversionOptions = { longs: Number, defaults: true, arrays: true, objects: true };

export class ContainerdApi {
  readonly #client: Client;

  constructor(socket: string) {
    this.#client = new Client(`unix://${socket}`, credentials.createInsecure(), {
      'grpc.max_receive_message_length': messageBytesMax,
      // containerd checks the authority of a unix socket as Go writes it.
      'grpc.default_authority': 'localhost',
    });
  }

  /** Rejects with containerd's own words. */
  call(method: Method, request: Fields, { timeoutMs, signal }: CallOptions = {}): Promise<Fields> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const cancel = () => call.cancel();
      const call = this.#client.makeUnaryRequest(
        method.path,
        encoder(method.request),
        decoder(method.response),
        request,
        inNamespace(),
        deadline(timeoutMs),
        (error: ServiceError | null, response?: Fields) => {
          signal?.removeEventListener('abort', cancel);
          if (error) reject(new Error(reasonOf(error)));
          else resolve(response ?? {});
        },
      );
      signal?.addEventListener('abort', cancel, { once: true });
    });
  }

  /** All messages of a stream. */
  async all(method: Method, request: Fields): Promise<Fields[]> {
    const stream = this.#client.makeServerStreamRequest(
      method.path,
      encoder(method.request),
      decoder(method.response),
      request,
      inNamespace(),
      deadline(callTimeoutMs),
    );
    const messages: Fields[] = [];
    try {
      for await (const message of stream) messages.push(message as Fields);
    } catch (error) {
      throw new Error(reasonOf(error as ServiceError));
    }
    return messages;
  }

  close(): void {
    this.#client.close();
  }
}

function encoder(type: string): (fields: Fields) => Buffer {
  const found = messageType(type);
  return (fields) => Buffer.from(found.encode(found.fromObject(fields)).finish());
}

function decoder(type: string): (bytes: Buffer) => Fields {
  const found = messageType(type);
  return (bytes) => found.toObject(found.decode(bytes), decoding);
}

function inNamespace(): Metadata {
  const metadata = new Metadata();
  metadata.set('containerd-namespace', 'k8s.io');
  return metadata;
}

function deadline(timeoutMs = callTimeoutMs): { deadline: number } {
  return { deadline: Date.now() + timeoutMs };
}

function reasonOf(error: ServiceError): string {
  if (error.code === status.CANCELLED) return 'context canceled';
  return error.details || error.message;
}
