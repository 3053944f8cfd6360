/** A KMS v2 plugin on a unix socket: it "encrypts" by turning bits round, which is enough to see who does. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server, ServerCredentials, type sendUnaryData } from '@grpc/grpc-js';
import {
  decodeMessage,
  encodeMessage,
  type KmsMessages,
} from '#apiserver/storage/encryption/kms/messages.ts';

export interface TestKms extends AsyncDisposable {
  readonly endpoint: string;
  keyId: string;
  /** What Status says. */
  health: string;
  readonly calls: { status: number; encrypt: number; decrypt: number };
}

type Method = 'Status' | 'Encrypt' | 'Decrypt';

const turned = (bytes: Uint8Array) => Buffer.from(bytes).map((byte) => byte ^ 0xff);

export async function startTestKms(): Promise<TestKms> {
  const dir = mkdtempSync(join(tmpdir(), 'kybern-kms-'));
  const kms = { keyId: 'key-1', health: 'ok', calls: { status: 0, encrypt: 0, decrypt: 0 } };
  const method = <M extends Method>(
    name: M,
    answer: (request: KmsMessages[`${M}Request`]) => KmsMessages[`${M}Response`],
  ) => ({
    definition: {
      path: `/v2.KeyManagementService/${name}`,
      requestStream: false as const,
      responseStream: false as const,
      requestDeserialize: (bytes: Buffer) => decodeMessage(`${name}Request`, bytes),
      requestSerialize: (message: KmsMessages[`${M}Request`]) => encodeMessage(`${name}Request`, message),
      responseSerialize: (message: KmsMessages[`${M}Response`]) => encodeMessage(`${name}Response`, message),
      responseDeserialize: (bytes: Buffer) => decodeMessage(`${name}Response`, bytes),
    },
    handle(call: { request: KmsMessages[`${M}Request`] }, done: sendUnaryData<KmsMessages[`${M}Response`]>) {
      done(null, answer(call.request));
    },
  });
  const status = method('Status', () => {
    kms.calls.status++;
    return { version: 'v2', healthz: kms.health, keyId: kms.keyId };
  });
  const encrypt = method('Encrypt', ({ plaintext }) => {
    kms.calls.encrypt++;
    const annotations = { 'version.test.example.com': Buffer.from('1') };
    return { ciphertext: turned(plaintext), keyId: kms.keyId, annotations };
  });
  const decrypt = method('Decrypt', ({ ciphertext }) => {
    kms.calls.decrypt++;
    return { plaintext: turned(ciphertext) };
  });
  const server = new Server();
  server.addService(
    { Status: status.definition, Encrypt: encrypt.definition, Decrypt: decrypt.definition },
    { Status: status.handle, Encrypt: encrypt.handle, Decrypt: decrypt.handle },
  );
  const socket = join(dir, 'kms.sock');
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    );
  });
  return Object.assign(kms, {
    endpoint: `unix://${socket}`,
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
      rmSync(dir, { recursive: true });
    },
  });
}
