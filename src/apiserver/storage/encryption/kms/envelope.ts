/**
 * Envelope encryption by a KMS v2 plugin: values are encrypted here, with keys made of a seed that the plugin
 * has encrypted and that is stored beside every value. The plugin is asked once for each seed, and for its
 * state every minute: when it names another key, a new seed is made. Without its word no value is written for
 * longer than three minutes; reading goes on.
 */

import { createHash } from 'node:crypto';
import { aggregateText } from '#api/go/aggregate.ts';
import { dns1123Subdomain } from '#api/validation/validators.ts';
import { rfc3339, type Timer } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { aesGcm, aesGcmOfSeed, seedBytesMin } from '../aes.ts';
import { type Decrypted, KeyServiceUnavailable, type Transformer } from '../transformer.ts';
import { decodeMessage, encodeMessage, type KmsMessages } from './messages.ts';
import type { KmsPlugin } from './plugin.ts';

type EncryptedObject = KmsMessages['EncryptedObject'];

const wellIntervalMs = 60_000;
const unwellIntervalMs = 10_000;
const writableMs = 3 * 60_000;
/** A seed that has not been used for so long is asked for again. */
const seedLifeMs = 24 * 3600 * 1000;
const idBytesMax = 1024;
const sourceBytesMax = 1024;
const annotationBytesMax = 32 * 1024;
const ofKey = 0;
const ofSeed = 1;

interface Seed {
  readonly transformer: Transformer;
  readonly envelope: Omit<EncryptedObject, 'encryptedData'>;
  writableUntilMs: number;
}

export class KmsEnvelope implements Transformer {
  readonly #env: Env;
  readonly #name: string;
  readonly #plugin: KmsPlugin;
  readonly #opened = new Map<string, { readonly transformer: Transformer; usedMs: number }>();
  readonly #opening = new Map<string, Promise<Transformer>>();
  #seed: Seed | undefined;
  #problem = 'it has not answered yet';
  #version: string | undefined;
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(env: Env, name: string, plugin: KmsPlugin) {
    this.#env = env;
    this.#name = name;
    this.#plugin = plugin;
  }

  /** Resolves when the plugin has been asked; whether it is well, `problem` says. */
  async start(): Promise<void> {
    await this.#ask();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#plugin.close();
  }

  /** Of the health check; undefined when the plugin is well. */
  get problem(): string | undefined {
    return this.#problem === '' ? undefined : this.#problem;
  }

  encrypt(data: Uint8Array, key: string): Uint8Array {
    const seed = this.#current();
    const { clock } = this.#env;
    if (clock.monotonicMs() > seed.writableUntilMs) {
      const lateMs = clock.monotonicMs() - seed.writableUntilMs;
      throw new Error(
        `encryptedDEKSource with keyID hash ${JSON.stringify(hashOf(seed.envelope.keyID))} expired at ` +
          `${rfc3339(clock.now() - lateMs)} (current time is ${rfc3339(clock.now())})`,
      );
    }
    const encryptedData = seed.transformer.encrypt(data, key);
    return encodeMessage('EncryptedObject', { ...seed.envelope, encryptedData });
  }

  decrypt(data: Uint8Array, key: string): Decrypted | Promise<Decrypted> {
    const object = decoded(data);
    const cacheKey = cacheKeyOf(object);
    const known = this.#opened.get(cacheKey);
    if (!known) return this.#openOnce(object, cacheKey).then((opened) => this.#decrypt(opened, object, key));
    known.usedMs = this.#env.clock.monotonicMs();
    return this.#decrypt(known.transformer, object, key);
  }

  #decrypt(transformer: Transformer, object: EncryptedObject, key: string): Decrypted {
    const { value } = transformer.decrypt(object.encryptedData, key) as Decrypted;
    const { envelope } = this.#current();
    const isStale =
      object.keyID !== envelope.keyID || object.encryptedDEKSourceType !== envelope.encryptedDEKSourceType;
    return { value, isStale };
  }

  #current(): Seed {
    if (this.#seed) return this.#seed;
    throw new KeyServiceUnavailable(`KMS provider ${this.#name}: ${this.#problem}`);
  }

  /** Many values have one seed: it is asked for once. */
  #openOnce(object: EncryptedObject, cacheKey: string): Promise<Transformer> {
    const asked = this.#opening.get(cacheKey);
    if (asked) return asked;
    const opening = this.#open(object, cacheKey).finally(() => this.#opening.delete(cacheKey));
    this.#opening.set(cacheKey, opening);
    return opening;
  }

  async #open(object: EncryptedObject, cacheKey: string): Promise<Transformer> {
    const { encryptedDEKSource, keyID, annotations, encryptedDEKSourceType } = object;
    const uid = this.#env.random.uuid();
    let plaintext: Uint8Array;
    try {
      const asked = { ciphertext: encryptedDEKSource, uid, keyId: keyID, annotations };
      plaintext = (await this.#plugin.decrypt(asked)).plaintext;
    } catch (error) {
      throw new KeyServiceUnavailable(`failed to decrypt DEK, error: ${(error as Error).message}`);
    }
    const { random } = this.#env;
    const transformer =
      encryptedDEKSourceType === ofSeed ? aesGcmOfSeed(plaintext, random) : aesGcm(plaintext, random);
    this.#keep(cacheKey, transformer);
    return transformer;
  }

  #keep(cacheKey: string, transformer: Transformer): void {
    const nowMs = this.#env.clock.monotonicMs();
    for (const [key, { usedMs }] of this.#opened) if (nowMs - usedMs > seedLifeMs) this.#opened.delete(key);
    this.#opened.set(cacheKey, { transformer, usedMs: nowMs });
  }

  async #ask(): Promise<void> {
    try {
      await this.#look();
      this.#problem = '';
    } catch (error) {
      this.#problem = (error as Error).message;
      this.#env.log.warn('a KMS provider is not well', { provider: this.#name, error: this.#problem });
    }
    if (this.#isStopped) return;
    const waitMs = this.#problem === '' ? wellIntervalMs : unwellIntervalMs;
    this.#timer = this.#env.clock.after(waitMs, () => void this.#ask());
  }

  async #look(): Promise<void> {
    // Counted from before the question.
    const writableUntilMs = this.#env.clock.monotonicMs() + writableMs;
    const { version, healthz, keyId } = await this.#plugin.status().catch((error: Error) => {
      throw new Error(
        `failed to perform status section of the healthz check for KMS Provider ${this.#name}, error: ${error.message}`,
      );
    });
    const problems = [
      healthz === 'ok' ? '' : `got unexpected healthz status: ${healthz}`,
      this.#versionProblem(version),
      idProblem(keyId),
      idProblem(keyId) ? '' : await this.#rotate(keyId, writableUntilMs),
    ].filter((problem) => problem !== '');
    if (problems.length === 0) return;
    throw new Error(`kmsv2 Provider ${this.#name} is not healthy, error: ${aggregateText(problems)}`);
  }

  #versionProblem(version: string): string {
    if (version !== 'v2' && version !== 'v2beta1') return `expected KMSv2 API version v2, got ${version}`;
    this.#version ??= version;
    if (this.#version === version) return '';
    return `KMSv2 API version should not change after the initial status response version ${this.#version}, got ${version}`;
  }

  /** A new seed where the plugin has another key; else the one there is may be used for longer. */
  async #rotate(statusKeyId: string, writableUntilMs: number): Promise<string> {
    if (this.#seed?.envelope.keyID === statusKeyId) {
      this.#seed.writableUntilMs = writableUntilMs;
      return '';
    }
    const failed = (why: string) =>
      `failed to rotate DEK, error: ${why}, statusKeyIDHash=${JSON.stringify(hashOf(statusKeyId))}`;
    const plaintext = this.#env.random.bytes(seedBytesMin);
    try {
      const { ciphertext, keyId, annotations } = await this.#plugin.encrypt({
        plaintext,
        uid: this.#env.random.uuid(),
      });
      const envelope = {
        keyID: keyId,
        encryptedDEKSource: ciphertext,
        annotations,
        encryptedDEKSourceType: ofSeed,
      };
      check({ ...envelope, encryptedData: new Uint8Array(1) });
      if (keyId !== statusKeyId) return failed(`encryptKeyIDHash=${JSON.stringify(hashOf(keyId))}`);
      const transformer = aesGcmOfSeed(plaintext, this.#env.random);
      this.#seed = { transformer, envelope, writableUntilMs };
      this.#keep(cacheKeyOf(envelope), transformer);
      return '';
    } catch (error) {
      return failed(`failed to encrypt DEK, error: ${(error as Error).message}`);
    }
  }
}

function decoded(data: Uint8Array): EncryptedObject {
  const object = decodeMessage('EncryptedObject', data);
  check(object);
  return object;
}

/** With upstream's texts. */
function check(object: EncryptedObject): void {
  const { encryptedData, encryptedDEKSource, annotations, encryptedDEKSourceType, keyID } = object;
  if (encryptedDEKSourceType !== ofKey && encryptedDEKSourceType !== ofSeed) {
    throw new Error(`unknown encryptedDEKSourceType: ${encryptedDEKSourceType}`);
  }
  if (encryptedData.length === 0) throw new Error('encrypted data is empty');
  const source = 'failed to validate encrypted DEK source: encrypted DEK source is';
  if (encryptedDEKSource.length === 0) throw new Error(`${source} empty`);
  if (encryptedDEKSource.length > sourceBytesMax) {
    throw new Error(
      `${source} ${encryptedDEKSource.length} bytes, which exceeds the max size of ${sourceBytesMax}`,
    );
  }
  const id = idProblem(keyID);
  if (id) throw new Error(`failed to validate key id: ${id}`);
  checkAnnotations(annotations);
}

function checkAnnotations(annotations: EncryptedObject['annotations']): void {
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    bytes += Buffer.byteLength(key) + value.length;
    if (dns1123Subdomain(key).length === 0 && key.includes('.')) continue;
    throw new Error(
      `failed to validate annotations: annotations: Invalid value: ${JSON.stringify(key)}: should be a domain with at least two segments separated by dots`,
    );
  }
  if (bytes <= annotationBytesMax) return;
  throw new Error(
    `failed to validate annotations: total size of annotations is ${bytes}, which exceeds the max size of ${annotationBytesMax}`,
  );
}

function idProblem(keyId: string): string {
  const bytes = Buffer.byteLength(keyId);
  if (bytes === 0) return 'keyID is empty';
  return bytes > idBytesMax ? `keyID is ${bytes} bytes, which exceeds the max size of ${idBytesMax}` : '';
}

function hashOf(keyId: string): string {
  return keyId === '' ? '' : `sha256:${createHash('sha256').update(keyId).digest('hex')}`;
}

function cacheKeyOf(of: Omit<EncryptedObject, 'encryptedData'>): string {
  const { encryptedDEKSourceType, encryptedDEKSource, keyID, annotations } = of;
  const texts = Object.entries(annotations)
    .map(([key, value]) => [key, Buffer.from(value).toString('base64')])
    .sort();
  return JSON.stringify([
    encryptedDEKSourceType,
    Buffer.from(encryptedDEKSource).toString('base64'),
    keyID,
    texts,
  ]);
}
