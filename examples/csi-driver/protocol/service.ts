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
import csi from './csi.gen.json' with { type: 'json' };
import registration from './registration.gen.json' with { type: 'json' };

/** A message as plain data: camelCase fields, enum values by name, int64 as numbers. */
// biome-ignore lint/suspicious/noExplicitAny: a message has whatever fields its type has
export type Message = Record<string, any>;
export type Handlers = Readonly<Record<string, (request: Message) => Message | Promise<Message>>>;
export type ServiceName = 'Identity' | 'Controller' | 'Node' | 'Registration';

/** A call that failed, on either end. */
export class RpcError extends Error {
  readonly code: number;
  constructor(code: keyof typeof status, details: string) {
    super(details);
    this.code = status[code];
  }
}

interface Method {
  readonly path: string;
  readonly request: protobuf.Type;
  readonly response: protobuf.Type;
}

const methods: Readonly<Record<ServiceName, Record<string, Method>>> = {
  ...methodsOf(csi),
  ...methodsOf(registration),
} as Record<ServiceName, Record<string, Method>>;

function methodsOf(description: { package: string; services: object; descriptor: object }) {
  const root = new protobuf.Root();
  for (const file of ['wrappers', 'timestamp']) {
    root.addJSON(protobuf.common.get(`google/protobuf/${file}.proto`)?.nested ?? {});
  }
  root.addJSON((description.descriptor as protobuf.INamespace).nested ?? {});
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

/** Serves `handlers` by service on a socket, until the returned function is called. */
export async function serve(
  socketPath: string,
  services: Partial<Record<ServiceName, Handlers>>,
): Promise<() => Promise<void>> {
  // Of a driver that was killed; nothing can be bound where a file is.
  await rm(socketPath, { force: true });
  const server = new Server();
  for (const [service, handlers] of Object.entries(services)) {
    for (const [name, handler] of Object.entries(handlers)) {
      const method = methods[service as ServiceName][name];
      if (!method) throw new Error(`no method ${service}.${name}`);
      server.register(method.path, handle(handler), encode(method.response), decode(method.request), 'unary');
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

function handle(handler: (request: Message) => Message | Promise<Message>): UntypedHandleCall {
  return (call: { request: Message }, callback: (error: Error | null, answer?: Message) => void) => {
    const answered = (async () => handler(call.request))();
    answered.then(
      (answer) => callback(null, answer),
      (error) => callback(error instanceof RpcError ? error : new RpcError('INTERNAL', String(error))),
    );
  };
}

/** Calls of one socket. Rejects with an error that has the code and the text of the server. */
export function connect(socketPath: string) {
  const client = new Client(`unix:${socketPath}`, credentials.createInsecure(), {
    'grpc.default_authority': 'localhost',
  });
  return {
    call(service: ServiceName, name: string, request: Message, timeoutMs = 30_000): Promise<Message> {
      const method = methods[service][name];
      if (!method) throw new Error(`no method ${service}.${name}`);
      const { path, request: requestType, response } = method;
      return new Promise((resolve, reject) => {
        const done = (error: ServiceError | null, answer?: Message) => {
          if (error) reject(Object.assign(new Error(error.details), { code: error.code }));
          else resolve(answer ?? {});
        };
        const options = { deadline: Date.now() + timeoutMs };
        client.makeUnaryRequest(path, encode(requestType), decode(response), request, options, done);
      });
    },
    close: () => client.close(),
  };
}

export type Connection = ReturnType<typeof connect>;

const asPlain = { longs: Number, enums: String, defaults: true, arrays: true, objects: true };

function encode(type: protobuf.Type) {
  return (message: Message) => Buffer.from(type.encode(type.fromObject(message)).finish());
}

function decode(type: protobuf.Type) {
  return (bytes: Buffer): Message => type.toObject(type.decode(bytes), asPlain);
}
