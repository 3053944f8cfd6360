/** Calls of the container runtime interface as functions over one gRPC channel on a unix socket. */

import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { systemClock } from '#host/system-env.ts';
import { asRpcError, RpcError } from '../grpc/rpc-error.ts';
import { ServiceCalls } from '../grpc/service-calls.ts';
import type { Message } from '../grpc/service-types.ts';
import { RuntimeError } from '../runtime/runtime.ts';
import description from './cri.gen.json' with { type: 'json' };

const calls = new ServiceCalls(description);
const bytesTimeoutMs = 30_000;
const messageSizeMax = 16 * 1024 * 1024;

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

async function callCri(
  client: Client,
  ...[service, method, request, timeoutMs, signal]: Parameters<CriChannel['call']>
): Promise<Message> {
  try {
    return await calls.call(client, service, method, request, { timeoutMs, signal });
  } catch (error) {
    throw asRuntimeError(error);
  }
}

function callBytes(client: Client, path: string, request: Uint8Array): Promise<Uint8Array> {
  const namespace = new Metadata();
  namespace.set('containerd-namespace', 'k8s.io');
  const deadline = systemClock.now() + bytesTimeoutMs;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, asBytes, asBytes, request, namespace, { deadline }, (error, response) => {
      if (error) reject(asRuntimeError(asRpcError(error)));
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

function asRuntimeError(error: unknown): unknown {
  return error instanceof RpcError ? new RuntimeError(error.code, error.details) : error;
}
