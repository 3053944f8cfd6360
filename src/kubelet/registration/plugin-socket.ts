/**
 * The registration of one plugin over its registration socket, tried until it works or the socket is gone.
 * Upstream: pkg/kubelet/pluginmanager/operationexecutor.
 *
 * 1. Ask the plugin what it is (`GetInfo`).
 * 2. Let the handler of its type validate and register it.
 * 3. Report the outcome to the plugin (`NotifyRegistrationStatus`); one that cannot be reached any more is
 *    deregistered.
 */

import { BackOff } from '#base/back-off.ts';
import { pause } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import { PluginChannel } from '../grpc/plugin-channel.ts';
import type { KubeletRoot } from '../paths/kubelet-root.ts';
import type { PluginHandler, PluginInfo } from './plugin-handler.ts';
import description from './registration.gen.json' with { type: 'json' };

export interface RegistrationParts {
  readonly env: Env;
  readonly root: KubeletRoot;
  readonly handlers: readonly PluginHandler[];
}

const infoTimeoutMs = 1000;
const notifyTimeoutMs = 5000;
const retry = { initialMs: 500, maxMs: 122_000, jitter: 0, resetAfterMs: 300_000 };

export class PluginSocket {
  readonly identity: string;
  readonly #path: string;
  readonly #parts: RegistrationParts;
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #deregister: (() => Promise<void>) | undefined;

  /** Begins when `after` has resolved. */
  constructor(parts: RegistrationParts, path: string, identity: string, after: Promise<void>) {
    this.#parts = parts;
    this.#path = path;
    this.identity = identity;
    this.#running = after.then(() => this.#run());
  }

  /** The socket is gone: so is the plugin. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
    await this.#deregister?.().catch((error) => this.#warn('could not be deregistered', error));
  }

  /** Registrations stay: the kubelet stops, the plugin does not. */
  stop(): void {
    this.#closing.abort();
  }

  async #run(): Promise<void> {
    const { env } = this.#parts;
    const delay = new BackOff(env, retry);
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        return await this.#register();
      } catch (error) {
        if (signal.aborted) return;
        this.#warn('was not registered', error);
        await pause(env.clock, delay.nextMs(), signal);
      }
    }
  }

  async #register(): Promise<void> {
    const channel = await PluginChannel.open(this.#path, description);
    try {
      const plugin = await this.#readInfo(channel);
      try {
        this.#deregister = await this.#handOver(plugin);
      } catch (error) {
        const text = `RegisterPlugin error -- ${errorText(error)}`;
        await this.#notify(channel, { pluginRegistered: false, error: text });
        throw error;
      }
      await this.#reportSuccess(channel);
    } finally {
      await channel.close();
    }
  }

  async #handOver(plugin: PluginInfo): Promise<() => Promise<void>> {
    const handler = this.#parts.handlers.find(({ type }) => type === plugin.type);
    if (!handler) {
      throw new Error(`no handler registered for plugin type: ${plugin.type} at socket ${this.#path}`);
    }
    try {
      handler.validate(plugin);
    } catch (error) {
      throw new Error(`plugin validation failed with err: ${errorText(error)}`);
    }
    try {
      return await handler.register(plugin);
    } catch (error) {
      throw new Error(`plugin registration failed with err: ${errorText(error)}`);
    }
  }

  async #reportSuccess(channel: PluginChannel): Promise<void> {
    try {
      await this.#notify(channel, { pluginRegistered: true, error: '' });
    } catch (error) {
      await this.#deregister?.();
      this.#deregister = undefined;
      throw error;
    }
  }

  async #readInfo(channel: PluginChannel): Promise<PluginInfo> {
    const { signal } = this.#closing;
    const info = await channel.call('Registration', 'GetInfo', {}, { timeoutMs: infoTimeoutMs, signal });
    const { type, name, endpoint, supportedVersions } = info as unknown as PluginInfo;
    const ownSocket = endpoint === '' ? this.#path : this.#parts.root.toMachine(endpoint);
    return { type, name, endpoint: ownSocket, supportedVersions };
  }

  async #notify(channel: PluginChannel, status: { pluginRegistered: boolean; error: string }): Promise<void> {
    const options = { timeoutMs: notifyTimeoutMs, signal: this.#closing.signal };
    await channel.call('Registration', 'NotifyRegistrationStatus', status, options);
  }

  #warn(what: string, error: unknown): void {
    this.#parts.env.log.warn(`a plugin ${what}`, { socket: this.#path, error: errorText(error) });
  }
}
