/** One gRPC channel to a plugin of the node, over its unix socket. */

import { Client, connectivityState } from '@grpc/grpc-js';
import { reachableSocket } from '#host/network/reachable-socket.ts';
import { systemClock } from '#host/system-env.ts';
import { closableCredentials } from './closable-credentials.ts';
import { type CallOptions, ServiceCalls } from './service-calls.ts';
import type { Message, ServiceDescription } from './service-types.ts';

/** As upstream's gRPC library accepts. */
const messageBytesMax = 4 * 1024 * 1024;

export class PluginChannel {
  readonly #client: Client;
  readonly #calls: ServiceCalls;
  readonly #release: () => Promise<void>;
  #isClosed = false;

  private constructor(client: Client, calls: ServiceCalls, release: () => Promise<void>) {
    this.#client = client;
    this.#calls = calls;
    this.#release = release;
  }

  /** Connects with the first call. Rejects when the folder of the socket does not exist. */
  static async open(socketPath: string, description: ServiceDescription): Promise<PluginChannel> {
    const socket = await reachableSocket(socketPath);
    const { credentials, endSilent } = closableCredentials();
    const client = new Client(`unix:${socket.path}`, credentials, {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.max_receive_message_length': messageBytesMax,
      // Servers written in Go check the authority of a unix socket as Go writes it.
      'grpc.default_authority': 'localhost',
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1000,
    });
    const release = async () => {
      endSilent();
      await socket.release();
    };
    return new PluginChannel(client, new ServiceCalls(description), release);
  }

  /** Resolves when it is connected. Rejects, in Go's words, when it is not within the time. */
  connected(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#client.waitForReady(systemClock.now() + timeoutMs, (error) =>
        error ? reject(new Error('context deadline exceeded')) : resolve(),
      );
    });
  }

  /** Rejects with `RpcError`. */
  call(service: string, method: string, request: Message, options: CallOptions): Promise<Message> {
    return this.#calls.call(this.#client, service, method, request, options);
  }

  /** Connects at once, and again whenever the connection ends. `onChange` gets every change until `close`. */
  followConnection(onChange: (isConnected: boolean) => void): void {
    const channel = this.#client.getChannel();
    const look = () => {
      if (this.#isClosed) return;
      const state = channel.getConnectivityState(true);
      onChange(state === connectivityState.READY);
      channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, look);
    };
    look();
  }

  /** As `ServiceCalls.stream`. */
  stream(
    service: string,
    method: string,
    request: Message,
    options: { onMessage: (message: Message) => void; signal: AbortSignal },
  ): Promise<void> {
    return this.#calls.stream(this.#client, service, method, request, options);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#client.close();
    await this.#release();
  }
}
