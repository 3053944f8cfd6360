/** gRPC over unix sockets, both ends, for the services that the `.gen.json` files describe. */

import { rm } from 'node:fs/promises';
import {
  Client,
  credentials,
  Server,
  ServerCredentials,
  type ServiceError,
  status,
  type UntypedHandleCall,
} from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import dra from './dra.gen.json' with { type: 'json' };
import health from './health.gen.json' with { type: 'json' };
import registration from './registration.gen.json' with { type: 'json' };

/** A message as plain data: camelCase fields, enum values by name, int64 as numbers. */
// biome-ignore lint/suspicious/noExplicitAny: a message has whatever fields its type has
export type Message = Record<string, any>;
/** Answers once. An error that it throws is the caller's. */
export type Answer = (request: Message) => Message | Promise<Message>;
/** Answers with messages until `ended` is aborted. */
export type Stream = (send: (message: Message) => void, ended: AbortSignal) => void;
export type ServiceName = 'DRAPlugin' | 'DRAResourceHealth' | 'Registration';

export interface Handlers {
  readonly answers?: Readonly<Record<string, Answer>>;
  readonly streams?: Readonly<Record<string, Stream>>;
}

interface Method {
  readonly path: string;
  readonly request: protobuf.Type;
  readonly response: protobuf.Type;
}

const methods = { ...methodsOf(dra), ...methodsOf(health), ...methodsOf(registration) } as Record<
  ServiceName,
  Record<string, Method>
>;

function methodsOf(description: { package: string; services: object; descriptor: object }) {
  const root = protobuf.Root.fromJSON(description.descriptor as protobuf.INamespace);
  const services = Object.entries(description.services as Record<string, Record<string, [string, string]>>);
  return Object.fromEntries(
    services.map(([service, types]) => {
      const described = Object.entries(types).map(([method, [request, response]]) => {
        const path = `/${description.package}.${service}/${method}`;
        return [method, { path, request: root.lookupType(request), response: root.lookupType(response) }];
      });
      return [service, Object.fromEntries(described) as Record<string, Method>];
    }),
  );
}

function methodOf(service: ServiceName, name: string): Method {
  const method = methods[service][name];
  if (!method) throw new Error(`no method ${service}.${name}`);
  return method;
}

/** Serves on a socket, until the returned function is called. */
export async function serve(
  socketPath: string,
  services: Partial<Record<ServiceName, Handlers>>,
): Promise<() => Promise<void>> {
  // Of a driver that was killed; nothing can be bound where a file is.
  await rm(socketPath, { force: true });
  const server = new Server();
  const register = (service: string, name: string, type: string, handler: UntypedHandleCall) => {
    const { path, request, response } = methodOf(service as ServiceName, name);
    server.register(path, handler, encode(response), decode(request), type);
  };
  for (const [service, { answers = {}, streams = {} }] of Object.entries(services)) {
    for (const [name, answer] of Object.entries(answers)) register(service, name, 'unary', unary(answer));
    for (const [name, stream] of Object.entries(streams)) {
      register(service, name, 'serverStream', streaming(stream));
    }
  }
  await new Promise<void>((resolve, reject) => {
    const bound = (error: Error | null) => (error ? reject(error) : resolve());
    server.bindAsync(`unix:${socketPath}`, ServerCredentials.createInsecure(), bound);
  });
  return async () => {
    server.forceShutdown();
    await rm(socketPath, { force: true });
  };
}

function unary(answer: Answer): UntypedHandleCall {
  return (call: { request: Message }, callback: (error: object | null, answer?: Message) => void) => {
    const answered = (async () => answer(call.request))();
    answered.then(
      (message) => callback(null, message),
      (error) => callback({ code: status.INTERNAL, details: String(error) }),
    );
  };
}

function streaming(stream: Stream): UntypedHandleCall {
  return (call: { write(message: Message): void; on(event: 'cancelled', listener: () => void): void }) => {
    const ended = new AbortController();
    call.on('cancelled', () => ended.abort());
    stream((message) => call.write(message), ended.signal);
  };
}

/** Calls of one socket. Rejects with an error that has the code and the text of the server. */
export function connect(socketPath: string) {
  const client = new Client(`unix:${socketPath}`, credentials.createInsecure(), {
    'grpc.default_authority': 'localhost',
  });
  return {
    call(service: ServiceName, name: string, request: Message, timeoutMs = 30_000): Promise<Message> {
      const { path, request: requestType, response } = methodOf(service, name);
      return new Promise((resolve, reject) => {
        const done = (error: ServiceError | null, answer?: Message) => {
          if (error) reject(Object.assign(new Error(error.details), { code: error.code }));
          else resolve(answer ?? {});
        };
        const options = { deadline: Date.now() + timeoutMs };
        client.makeUnaryRequest(path, encode(requestType), decode(response), request, options, done);
      });
    },
    /** The messages of a stream, until the loop over them is left. */
    stream(service: ServiceName, name: string, request: Message): AsyncIterable<Message> {
      const { path, request: requestType, response } = methodOf(service, name);
      return client.makeServerStreamRequest(path, encode(requestType), decode(response), request);
    },
    close: () => client.close(),
  };
}

const asPlain = { longs: Number, enums: String, defaults: true, arrays: true, objects: true };

function encode(type: protobuf.Type) {
  return (message: Message) => Buffer.from(type.encode(type.fromObject(message)).finish());
}

function decode(type: protobuf.Type) {
  return (bytes: Buffer): Message => type.toObject(type.decode(bytes), asPlain);
}
