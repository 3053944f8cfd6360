/** Calls of the container runtime interface as functions over one gRPC channel on a unix socket. */

import { Client, credentials, status as grpcStatus, Metadata, type ServiceError } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import { systemClock } from '#host/system-env.ts';
import { RuntimeError } from '../runtime/runtime.ts';
import description from './cri.gen.json' with { type: 'json' };

const root = protobuf.Root.fromJSON(description.descriptor as protobuf.INamespace);
const services = description.services as Record<string, Record<string, string[]>>;
const bytesTimeoutMs = 30_000;
const messageSizeMax = 16 * 1024 * 1024;

/** A message as plain data: camelCase fields, enum values by name, int64 as numbers. */
export type Message = Record<string, unknown>;

const codeNames: Record<number, string> = {
  [grpcStatus.CANCELLED]: 'Canceled',
  [grpcStatus.UNKNOWN]: 'Unknown',
  [grpcStatus.INVALID_ARGUMENT]: 'InvalidArgument',
  [grpcStatus.DEADLINE_EXCEEDED]: 'DeadlineExceeded',
  [grpcStatus.NOT_FOUND]: 'NotFound',
  [grpcStatus.ALREADY_EXISTS]: 'AlreadyExists',
  [grpcStatus.PERMISSION_DENIED]: 'PermissionDenied',
  [grpcStatus.RESOURCE_EXHAUSTED]: 'ResourceExhausted',
  [grpcStatus.FAILED_PRECONDITION]: 'FailedPrecondition',
  [grpcStatus.ABORTED]: 'Aborted',
  [grpcStatus.OUT_OF_RANGE]: 'OutOfRange',
  [grpcStatus.UNIMPLEMENTED]: 'Unimplemented',
  [grpcStatus.INTERNAL]: 'Internal',
  [grpcStatus.UNAVAILABLE]: 'Unavailable',
};

export interface CriChannel {
  call(
    service: 'RuntimeService' | 'ImageService',
    method: string,
    request: Message,
    /** Infinite for a call that may take as long as it likes. */
    timeoutMs: number,
    /** Ends the call for both sides. */
    signal?: AbortSignal,
  ): Promise<Message>;
  /**
   * Asks any service of the same socket for a stream; both are bytes here. `onEnd` is called once, whichever
   * side ends it but the function that is returned.
   */
  stream(
    path: string,
    request: Uint8Array,
    onMessage: (message: Uint8Array) => void,
    onEnd: () => void,
  ): () => void;
  /** One call of any service of the same socket, in containerd's namespace of this interface. */
  callBytes(path: string, request: Uint8Array): Promise<Uint8Array>;
  close(): void;
}

export function openCriChannel(socketPath: string): CriChannel {
  const client = new Client(`unix://${socketPath}`, credentials.createInsecure(), {
    'grpc.max_receive_message_length': messageSizeMax,
    // containerd checks the authority of a unix socket as Go writes it.
    'grpc.default_authority': 'localhost',
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1000,
  });
  return {
    call: (...call) => callCri(client, ...call),
    callBytes: (path, request) => callBytes(client, path, request),
    stream: (...stream) => openStream(client, ...stream),
    close: () => client.close(),
  };
}

function callCri(
  client: Client,
  ...[service, method, request, timeoutMs, signal]: Parameters<CriChannel['call']>
) {
  const types = services[service]?.[method];
  if (!types) throw new Error(`no method ${service}.${method}`);
  const requestType = root.lookupType(types[0]!);
  const responseType = root.lookupType(types[1]!);
  return new Promise<Message>((resolve, reject) => {
    signal?.throwIfAborted();
    const cancel = () => call.cancel();
    const call = client.makeUnaryRequest<Message, Message>(
      `/${description.package}.${service}/${method}`,
      (message) => Buffer.from(requestType.encode(requestType.fromObject(message)).finish()),
      (bytes) => responseType.toObject(responseType.decode(bytes), decodeOptions),
      request,
      { deadline: systemClock.now() + timeoutMs },
      (error, response) => {
        signal?.removeEventListener('abort', cancel);
        if (error) reject(asRuntimeError(error));
        else resolve(response ?? {});
      },
    );
    signal?.addEventListener('abort', cancel, { once: true });
  });
}

function callBytes(client: Client, path: string, request: Uint8Array): Promise<Uint8Array> {
  const namespace = new Metadata();
  namespace.set('containerd-namespace', 'k8s.io');
  const deadline = systemClock.now() + bytesTimeoutMs;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, asBytes, asBytes, request, namespace, { deadline }, (error, response) => {
      if (error) reject(asRuntimeError(error));
      else resolve(response ?? new Uint8Array());
    });
  });
}

function openStream(client: Client, ...[path, request, onMessage, onEnd]: Parameters<CriChannel['stream']>) {
  const call = client.makeServerStreamRequest<Uint8Array, Buffer>(path, asBytes, asBytes, request);
  let isStopped = false;
  call.on('data', onMessage);
  // Precedes the status, which ends the call whatever its code.
  call.on('error', () => undefined);
  call.on('status', () => isStopped || onEnd());
  return () => {
    isStopped = true;
    call.cancel();
  };
}

const asBytes = (bytes: Uint8Array) => Buffer.from(bytes);

const decodeOptions = { longs: Number, enums: String, defaults: true, arrays: true, objects: true };

function asRuntimeError(error: ServiceError): RuntimeError {
  // In Go's words, which upstream's events carry.
  if (error.code === grpcStatus.CANCELLED) return new RuntimeError('Canceled', 'context canceled');
  return new RuntimeError(codeNames[error.code] ?? 'Unknown', error.details || error.message);
}
