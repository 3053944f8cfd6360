/**
 * Envelope encryption by a KMS v2 plugin: the API server encrypts values with keys derived from a seed. The plugin
 * encrypts the seed, which is stored beside every value, and decrypts each seed once. Its Status is called every
 * minute: another key ID there makes a new seed. Three minutes after the last healthy Status writes fail; reads
 * go on.
 */

import { aggregateText } from '#api/go/aggregate.ts';
import { rfc3339, type Timer } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { aesGcm, aesGcmOfSeed, seedBytesMin } from '../aes.ts';
import { type Decrypted, KeyServiceUnavailable, type Transformer } from '../transformer.ts';
import {
  cacheKeyOf,
  checkEncryptedObject,
  type EncryptedObject,
  encryptedObjectIn,
  keyIdHash,
  keyIdProblem,
  ofSeed,
} from './encrypted-object.ts';
import { encodeMessage } from './messages.ts';
import type { KmsPlugin } from './plugin.ts';

const healthyIntervalMs = 60_000;
const unhealthyIntervalMs = 10_000;
const writableMs = 3 * 60_000;
/** A decrypted seed that has not been used for so long is dropped. */
const seedLifeMs = 24 * 3600 * 1000;

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

  /** Resolves after the first Status call; `problem` is its outcome. */
  async start(): Promise<void> {
    await this.#poll();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#plugin.close();
  }

  /** The failure of the health check; undefined when the plugin is healthy. */
  get problem(): string | undefined {
    return this.#problem === '' ? undefined : this.#problem;
  }

  encrypt(data: Uint8Array, key: string): Uint8Array {
    const seed = this.#current();
    const { clock } = this.#env;
    if (clock.monotonicMs() > seed.writableUntilMs) {
      const lateMs = clock.monotonicMs() - seed.writableUntilMs;
      throw new Error(
        `encryptedDEKSource with keyID hash ${JSON.stringify(keyIdHash(seed.envelope.keyID))} expired at ` +
          `${rfc3339(clock.now() - lateMs)} (current time is ${rfc3339(clock.now())})`,
      );
    }
    const encryptedData = seed.transformer.encrypt(data, key);
    return encodeMessage('EncryptedObject', { ...seed.envelope, encryptedData });
  }

  decrypt(data: Uint8Array, key: string): Decrypted | Promise<Decrypted> {
    const object = encryptedObjectIn(data);
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

  /** Concurrent reads of values with one seed share the Decrypt call. */
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

  async #poll(): Promise<void> {
    try {
      await this.#checkStatus();
      this.#problem = '';
    } catch (error) {
      this.#problem = (error as Error).message;
      this.#env.log.warn('a KMS provider is not healthy', { provider: this.#name, error: this.#problem });
    }
    if (this.#isStopped) return;
    const waitMs = this.#problem === '' ? healthyIntervalMs : unhealthyIntervalMs;
    this.#timer = this.#env.clock.after(waitMs, () => void this.#poll());
  }

  async #checkStatus(): Promise<void> {
    // Counted from before the Status call.
    const writableUntilMs = this.#env.clock.monotonicMs() + writableMs;
    const { version, healthz, keyId } = await this.#plugin.status().catch((error: Error) => {
      throw new Error(
        `failed to perform status section of the healthz check for KMS Provider ${this.#name}, error: ${error.message}`,
      );
    });
    const problems = [
      healthz === 'ok' ? '' : `got unexpected healthz status: ${healthz}`,
      this.#versionProblem(version),
      keyIdProblem(keyId),
      keyIdProblem(keyId) ? '' : await this.#rotate(keyId, writableUntilMs),
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

  /** Makes a new seed if the plugin has another key; else extends the time of the current seed. */
  async #rotate(statusKeyId: string, writableUntilMs: number): Promise<string> {
    if (this.#seed?.envelope.keyID === statusKeyId) {
      this.#seed.writableUntilMs = writableUntilMs;
      return '';
    }
    const failed = (why: string) =>
      `failed to rotate DEK, error: ${why}, statusKeyIDHash=${JSON.stringify(keyIdHash(statusKeyId))}`;
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
      checkEncryptedObject({ ...envelope, encryptedData: new Uint8Array(1) });
      if (keyId !== statusKeyId) return failed(`encryptKeyIDHash=${JSON.stringify(keyIdHash(keyId))}`);
      const transformer = aesGcmOfSeed(plaintext, this.#env.random);
      this.#seed = { transformer, envelope, writableUntilMs };
      this.#keep(cacheKeyOf(envelope), transformer);
      return '';
    } catch (error) {
      return failed(`failed to encrypt DEK, error: ${(error as Error).message}`);
    }
  }
}
