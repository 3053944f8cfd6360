/** A gRPC server on a unix socket with services that the kubelet describes: what a test answers for a plugin. */

import type { TestContext } from 'node:test';
import { Server, ServerCredentials, status, type UntypedHandleCall } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import type { Message, ServiceDescription } from '#kubelet/grpc/service-types.ts';

/** Throws a `Failure`, or anything else for the code `Unknown`. Never resolves: the plugin hangs. */
export type Answer = (request: Message) => Message | Promise<Message>;

/** A method whose response is a stream: `send` works until the kubelet or the server ends it. */
export type Stream = (send: (message: Message) => void) => void;

export class Failure extends Error {
  readonly code: number;
  constructor(code: keyof typeof status, details: string) {
    super(details);
    this.code = status[code];
  }
}

/** Bytes that are no message. */
export const nonsense: Message = { nonsense: true };

export class PluginServer {
  readonly #server = new Server();

  private constructor() {}

  /** `answers` by method; every other method gets gRPC's UNIMPLEMENTED. Stops at the end of the test. */
  static async start(
    t: TestContext,
    socketPath: string,
    description: ServiceDescription,
    answers: Readonly<Record<string, Answer>>,
    streams: Readonly<Record<string, Stream>> = {},
  ): Promise<PluginServer> {
    const plugin = new PluginServer();
    plugin.#serve(description, answers, streams);
    await new Promise<void>((resolve, reject) => {
      const bound = (error: Error | null) => (error ? reject(error) : resolve());
      plugin.#server.bindAsync(`unix:${socketPath}`, ServerCredentials.createInsecure(), bound);
    });
    t.after(() => plugin.kill());
    return plugin;
  }

  /** Ends at once, with the calls that it has not answered. */
  kill(): void {
    this.#server.forceShutdown();
  }

  #serve(
    description: ServiceDescription,
    answers: Readonly<Record<string, Answer>>,
    streams: Readonly<Record<string, Stream>>,
  ): void {
    const root = protobuf.Root.fromJSON(description.descriptor as protobuf.INamespace);
    const services = description.services as Record<string, Record<string, [string, string]>>;
    for (const [service, methods] of Object.entries(services)) {
      for (const [method, types] of Object.entries(methods)) {
        const answer = answers[method];
        const stream = streams[method];
        if (!answer && !stream) continue;
        const path = `/${description.package}.${service}/${method}`;
        const [requestType, responseType] = types.map((name) => root.lookupType(name));
        this.#server.register(
          path,
          answer ? handlerOf(answer) : streamHandlerOf(stream as Stream),
          serializer(responseType),
          parser(requestType),
          answer ? 'unary' : 'serverStream',
        );
      }
    }
  }
}

function handlerOf(answer: Answer): UntypedHandleCall {
  return (call: { request: Message }, callback: (error: Error | null, message?: Message) => void) => {
    const answered = (async () => answer(call.request))();
    answered.then(
      (message) => callback(null, message),
      (error) => callback(error),
    );
  };
}

function streamHandlerOf(stream: Stream): UntypedHandleCall {
  return (call: { write(message: Message): void }) => stream((message) => call.write(message));
}

function serializer(type: protobuf.Type | undefined) {
  return (message: Message) =>
    message === nonsense
      ? Buffer.from('ff'.repeat(64), 'hex')
      : Buffer.from(type?.encode(type.fromObject(message)).finish() ?? []);
}

function parser(type: protobuf.Type | undefined) {
  const options = { longs: Number, enums: String, defaults: true, arrays: true, objects: true };
  return (bytes: Buffer): Message => type?.toObject(type.decode(bytes), options) ?? {};
}
