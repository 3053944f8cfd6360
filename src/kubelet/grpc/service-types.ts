/** The messages of a described gRPC service, between bytes and plain data. */

import protobuf from 'protobufjs';

/** A message as plain data: camelCase fields, enum values by name, int64 as numbers. */
export type Message = Record<string, unknown>;

/** What `tools/build-proto.ts` makes of a .proto file. */
export interface ServiceDescription {
  readonly package: string;
  /** The types of request and response, by method, by service. */
  readonly services: object;
  readonly descriptor: object;
}

export interface MethodTypes {
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly request: MessageType;
  readonly response: MessageType;
}

const decodeOptions = { longs: Number, enums: String, defaults: true, arrays: true, objects: true };

export class MessageType {
  readonly #type: protobuf.Type;

  constructor(type: protobuf.Type) {
    this.#type = type;
  }

  encode(message: Message): Buffer {
    return Buffer.from(this.#type.encode(this.#type.fromObject(message)).finish());
  }

  /** Every field is there; an absent message is null. Throws when the bytes are no such message. */
  decode(bytes: Uint8Array): Message {
    return this.#type.toObject(this.#type.decode(bytes), decodeOptions);
  }
}

export class ServiceTypes {
  readonly #package: string;
  readonly #services: Record<string, Record<string, [string, string]>>;
  readonly #root: protobuf.Root;

  constructor(description: ServiceDescription) {
    this.#package = description.package;
    this.#services = description.services as Record<string, Record<string, [string, string]>>;
    this.#root = protobuf.Root.fromJSON(description.descriptor as protobuf.INamespace);
  }

  message(name: string): MessageType {
    return new MessageType(this.#root.lookupType(name));
  }

  method(service: string, method: string): MethodTypes {
    const types = this.#services[service]?.[method];
    if (!types) throw new Error(`no method ${service}.${method}`);
    return {
      path: `/${this.#package}.${service}/${method}`,
      request: this.message(types[0]),
      response: this.message(types[1]),
    };
  }
}
