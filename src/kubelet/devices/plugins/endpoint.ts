/**
 * One registered device plugin: calls of its service, and the devices that it lists until its stream ends. Upstream:
 * pkg/kubelet/cm/devicemanager/endpoint.go and plugin/v1beta1/client.go.
 */

import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import { PluginChannel } from '../../grpc/plugin-channel.ts';
import type { Message } from '../../grpc/service-types.ts';
import { type AllocateAnswer, type Device, listedDevices } from './device.ts';
import description from './deviceplugin.gen.json' with { type: 'json' };

const connectTimeoutMs = 10_000;
const optionsTimeoutMs = 10_000;
const preferTimeoutMs = 30_000;
const preStartTimeoutMs = 30_000;
/** How long the resource of a plugin that has gone is still part of the node's capacity. */
const graceMs = 5 * 60_000;

interface PluginOptions {
  readonly preStartRequired: boolean;
  readonly getPreferredAllocationAvailable: boolean;
}

export class Endpoint {
  readonly resource: string;
  readonly options: PluginOptions;
  readonly #env: Env;
  readonly #channel: PluginChannel | undefined;
  readonly #stopping = new AbortController();
  #stoppedAtMs: number | undefined;

  private constructor(env: Env, resource: string, channel?: PluginChannel, options?: PluginOptions) {
    this.#env = env;
    this.resource = resource;
    this.#channel = channel;
    this.options = options ?? { preStartRequired: false, getPreferredAllocationAvailable: false };
    if (!channel) this.#stoppedAtMs = env.clock.monotonicMs();
  }

  /** Rejects, with upstream's words, when the plugin cannot be reached or does not say its options. */
  static async connect(env: Env, resource: string, socketPath: string): Promise<Endpoint> {
    const channel = await PluginChannel.open(socketPath, description);
    try {
      await channel.connected(connectTimeoutMs).catch((error: unknown) => {
        throw new Error(`failed to dial device plugin: ${errorText(error)}`);
      });
      const options = await channel
        .call('DevicePlugin', 'GetDevicePluginOptions', {}, { timeoutMs: optionsTimeoutMs })
        .catch((error: unknown) => {
          throw new Error(`failed to get device plugin options: ${errorText(error)}`);
        });
      return new Endpoint(env, resource, channel, options as unknown as PluginOptions);
    } catch (error) {
      await channel.close();
      throw error;
    }
  }

  /** Of a plugin that an earlier kubelet knew, and that has not registered again. */
  static ofEarlierKubelet(env: Env, resource: string): Endpoint {
    return new Endpoint(env, resource);
  }

  /** Resolves when the stream of devices has ended, whichever side ended it. */
  async follow(onDevices: (devices: Device[]) => void): Promise<void> {
    const onMessage = (message: Message) => onDevices(listedDevices(message));
    try {
      await this.#channel?.stream(
        'DevicePlugin',
        'ListAndWatch',
        {},
        { onMessage, signal: this.#stopping.signal },
      );
    } catch (error) {
      const problem = { resource: this.resource, error: errorText(error) };
      if (!this.#stopping.signal.aborted) this.#env.log.warn('a device plugin has gone', problem);
    }
    await this.stop();
  }

  async stop(): Promise<void> {
    if (this.#stoppedAtMs !== undefined) return;
    this.#stoppedAtMs = this.#env.clock.monotonicMs();
    this.#stopping.abort();
    await this.#channel?.close();
  }

  get isStopped(): boolean {
    return this.#stoppedAtMs !== undefined;
  }

  get isGracePeriodOver(): boolean {
    return this.#stoppedAtMs !== undefined && this.#env.clock.monotonicMs() - this.#stoppedAtMs > graceMs;
  }

  /** May take as long as it likes, as with upstream: the signal of a pod that ends is what bounds it. */
  async allocate(devicesIds: readonly string[], signal: AbortSignal): Promise<AllocateAnswer> {
    const request = { containerRequests: [{ devicesIds }] };
    const response = await this.#call('Allocate', request, { timeoutMs: Number.POSITIVE_INFINITY, signal });
    const [answer] = response['containerResponses'] as AllocateAnswer[];
    if (!answer) throw new Error('no containers return in allocation response ');
    return answer;
  }

  async prefer(
    availableDeviceIDs: readonly string[],
    mustIncludeDeviceIDs: readonly string[],
    allocationSize: number,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const request = { availableDeviceIDs, mustIncludeDeviceIDs, allocationSize };
    const containerRequests = { containerRequests: [request] };
    try {
      const options = { timeoutMs: preferTimeoutMs, signal };
      const response = await this.#call('GetPreferredAllocation', containerRequests, options);
      const [answer] = response['containerResponses'] as { deviceIDs: string[] }[];
      return answer?.deviceIDs ?? [];
    } catch (error) {
      throw new Error(`device plugin GetPreferredAllocation rpc failed with err: ${errorText(error)}`);
    }
  }

  async preStart(devicesIds: readonly string[], signal: AbortSignal): Promise<void> {
    try {
      await this.#call('PreStartContainer', { devicesIds }, { timeoutMs: preStartTimeoutMs, signal });
    } catch (error) {
      throw new Error(`device plugin PreStartContainer rpc failed with err: ${errorText(error)}`);
    }
  }

  async #call(method: string, request: Message, options: { timeoutMs: number; signal?: AbortSignal }) {
    if (!this.#channel || this.isStopped) throw new Error(`endpoint ${this.resource} has been stopped`);
    return this.#channel.call('DevicePlugin', method, request, options);
  }
}
