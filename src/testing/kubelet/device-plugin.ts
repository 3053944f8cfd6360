/** A device plugin of a test, with real sockets: it serves its devices and registers with a kubelet's `kubelet.sock`. */

import type { TestContext } from 'node:test';
import description from '#kubelet/devices/plugins/deviceplugin.gen.json' with { type: 'json' };
import { PluginChannel } from '#kubelet/grpc/plugin-channel.ts';
import type { Message } from '#kubelet/grpc/service-types.ts';
import { type Answer, PluginServer } from './plugin-server.ts';

export interface TestDevice {
  readonly ID: string;
  /** Default `Healthy`. */
  readonly health?: string;
  /** NUMA nodes; default no topology. */
  readonly nodes?: readonly number[];
}

export interface PluginTraits {
  /** Default `example.com/thing`. */
  readonly resource?: string;
  readonly devices?: readonly TestDevice[];
  readonly options?: { preStartRequired?: boolean; getPreferredAllocationAvailable?: boolean };
  /** Answers other than the usual ones, by method. May be changed while the plugin runs. */
  readonly answers?: Record<string, Answer>;
}

export class TestDevicePlugin {
  readonly resource: string;
  /** In the order in which they came, without questions for options. */
  readonly calls: { readonly method: string; readonly request: Message }[] = [];
  readonly #folder: string;
  readonly #traits: PluginTraits;
  readonly #watchers = new Set<(message: Message) => void>();
  #devices: readonly TestDevice[];
  #server: PluginServer | undefined;
  #starts = 0;

  /** `folder`: the kubelet's `device-plugins`. */
  constructor(folder: string, traits: PluginTraits = {}) {
    this.#folder = folder;
    this.#traits = traits;
    this.resource = traits.resource ?? 'example.com/thing';
    this.#devices = traits.devices ?? [{ ID: 'dev1' }];
  }

  /** Serves its socket, a new one each time; returns the socket's name. */
  async serve(t: TestContext): Promise<string> {
    const endpoint = `${this.resource.replace('/', '_')}-${this.#starts++}.sock`;
    const answers: Record<string, Answer> = {
      GetDevicePluginOptions: () => ({ ...this.#traits.options }),
      Allocate: this.#recording('Allocate', usualAllocation),
      GetPreferredAllocation: this.#recording('GetPreferredAllocation'),
      PreStartContainer: this.#recording('PreStartContainer'),
    };
    const streams = {
      ListAndWatch: (send: (message: Message) => void) => {
        this.#watchers.add(send);
        send(this.#list());
      },
    };
    const path = `${this.#folder}/${endpoint}`;
    this.#server = await PluginServer.start(t, path, description, answers, streams);
    return endpoint;
  }

  /** Registers at `kubelet.sock`. Rejects with the kubelet's error. */
  async register(endpoint: string, request: Message = {}): Promise<void> {
    const channel = await PluginChannel.open(`${this.#folder}/kubelet.sock`, description);
    const { resource: resourceName } = this;
    const message = { version: 'v1beta1', endpoint, resourceName, ...request };
    try {
      await channel.call('Registration', 'Register', message, { timeoutMs: 20_000 });
    } finally {
      await channel.close();
    }
  }

  async start(t: TestContext): Promise<void> {
    await this.register(await this.serve(t));
  }

  /** Ends at once, as a killed process. */
  kill(): void {
    this.#watchers.clear();
    this.#server?.kill();
  }

  /** The devices from now on. */
  change(devices: readonly TestDevice[]): void {
    this.#devices = devices;
    for (const send of this.#watchers) send(this.#list());
  }

  #list(): Message {
    const devices = this.#devices.map(({ ID, health = 'Healthy', nodes }) => ({
      ID,
      health,
      ...(nodes ? { topology: { nodes: nodes.map((node) => ({ ID: node })) } } : {}),
    }));
    return { devices };
  }

  #recording(method: string, usual: Answer = () => ({})): Answer {
    return (request) => {
      this.calls.push({ method, request });
      return (this.#traits.answers?.[method] ?? usual)(request);
    };
  }
}

/** The variable `THINGS` with the ids. */
const usualAllocation: Answer = (request) => {
  const requests = request['containerRequests'] as { devicesIds: string[] }[];
  return {
    containerResponses: requests.map(({ devicesIds }) => ({
      envs: { THINGS: devicesIds.toSorted().join() },
    })),
  };
};
