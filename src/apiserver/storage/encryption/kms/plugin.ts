/** The calls of a KMS v2 plugin, which listens on a unix socket. */

import { Client, credentials } from '@grpc/grpc-js';
import { systemClock } from '#host/system-env.ts';
import { KeyServiceUnavailable } from '../transformer.ts';
import { decodeMessage, encodeMessage, type KmsMessages } from './messages.ts';

export interface KmsPlugin {
  status(): Promise<KmsMessages['StatusResponse']>;
  encrypt(request: KmsMessages['EncryptRequest']): Promise<KmsMessages['EncryptResponse']>;
  decrypt(request: KmsMessages['DecryptRequest']): Promise<KmsMessages['DecryptResponse']>;
  close(): void;
}

type Method = 'Status' | 'Encrypt' | 'Decrypt';

/** `unix:///path`; `unix:///@name` is a socket without a file. */
export function openKmsPlugin(endpoint: string, timeoutMs: number): KmsPlugin {
  const path = new URL(endpoint).pathname;
  const address = path.startsWith('/@') ? `unix-abstract:${path.slice(2)}` : `unix://${path}`;
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.default_authority': 'localhost',
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1000,
  });
  function call<M extends Method>(method: M, request: KmsMessages[`${M}Request`]) {
    return new Promise<KmsMessages[`${M}Response`]>((resolve, reject) => {
      client.makeUnaryRequest<KmsMessages[`${M}Request`], KmsMessages[`${M}Response`]>(
        `/v2.KeyManagementService/${method}`,
        (message) => encodeMessage(`${method}Request`, message),
        (bytes) => decodeMessage(`${method}Response`, bytes),
        request,
        { deadline: systemClock.now() + timeoutMs },
        (error, response) => {
          if (response) resolve(response);
          else reject(new KeyServiceUnavailable(error?.details || error?.message || 'no answer'));
        },
      );
    });
  }
  return {
    status: () => call('Status', {}),
    encrypt: (request) => call('Encrypt', request),
    decrypt: (request) => call('Decrypt', request),
    close: () => client.close(),
  };
}
