/** The messages of KMS v2: requests and responses of the plugin's gRPC service, and the stored EncryptedObject. */

import protobuf from 'protobufjs';

const bytes = (id: number) => ({ type: 'bytes', id });
const text = (id: number) => ({ type: 'string', id });
const annotations = (id: number) => ({ keyType: 'string', type: 'bytes', id });

const root = protobuf.Root.fromJSON({
  nested: {
    StatusRequest: { fields: {} },
    StatusResponse: { fields: { version: text(1), healthz: text(2), keyId: text(3) } },
    EncryptRequest: { fields: { plaintext: bytes(1), uid: text(2) } },
    EncryptResponse: { fields: { ciphertext: bytes(1), keyId: text(2), annotations: annotations(3) } },
    DecryptRequest: {
      fields: { ciphertext: bytes(1), uid: text(2), keyId: text(3), annotations: annotations(4) },
    },
    DecryptResponse: { fields: { plaintext: bytes(1) } },
    EncryptedObject: {
      fields: {
        encryptedData: bytes(1),
        keyID: text(2),
        encryptedDEKSource: bytes(3),
        annotations: annotations(4),
        encryptedDEKSourceType: { type: 'int32', id: 5 },
      },
    },
  },
} as protobuf.INamespace);

export type Annotations = Readonly<Record<string, Uint8Array>>;

export interface KmsMessages {
  readonly StatusRequest: object;
  readonly StatusResponse: { readonly version: string; readonly healthz: string; readonly keyId: string };
  readonly EncryptRequest: { readonly plaintext: Uint8Array; readonly uid: string };
  readonly EncryptResponse: {
    readonly ciphertext: Uint8Array;
    readonly keyId: string;
    readonly annotations: Annotations;
  };
  readonly DecryptRequest: {
    readonly ciphertext: Uint8Array;
    readonly uid: string;
    readonly keyId: string;
    readonly annotations: Annotations;
  };
  readonly DecryptResponse: { readonly plaintext: Uint8Array };
  /** `encryptedDEKSourceType` 0: the data encryption key itself; 1: a seed from which each value's key is derived. */
  readonly EncryptedObject: {
    readonly encryptedData: Uint8Array;
    readonly keyID: string;
    readonly encryptedDEKSource: Uint8Array;
    readonly annotations: Annotations;
    readonly encryptedDEKSourceType: number;
  };
}

export function encodeMessage<K extends keyof KmsMessages>(name: K, message: KmsMessages[K]): Buffer {
  const type = root.lookupType(name);
  return Buffer.from(type.encode(type.fromObject(message)).finish());
}

export function decodeMessage<K extends keyof KmsMessages>(name: K, data: Uint8Array): KmsMessages[K] {
  const type = root.lookupType(name);
  return type.toObject(type.decode(data), { defaults: true, objects: true }) as KmsMessages[K];
}
