/**
 * A CSI driver of a test, with real sockets: its node service, and the registration socket that a registrar
 * serves beside it. It mounts nothing; what it is asked is recorded.
 */

import { mkdirSync } from 'node:fs';
import type { TestContext } from 'node:test';
import nodeDescription from '#kubelet/csi/csi.gen.json' with { type: 'json' };
import type { NodeCapability } from '#kubelet/csi/node-calls.ts';
import type { Message } from '#kubelet/grpc/service-types.ts';
import registrationDescription from '#kubelet/registration/registration.gen.json' with { type: 'json' };
import { type Answer, PluginServer } from './plugin-server.ts';

export interface DriverTraits {
  /** Default `test.csi.example.com`. */
  readonly name?: string;
  /** Default `['1.0.0']`. */
  readonly versions?: readonly string[];
  readonly capabilities?: readonly NodeCapability[];
  readonly info?: Message;
  /** Answers other than the empty message, by method. May be changed while the driver runs. */
  readonly answers?: Record<string, Answer>;
}

export class TestDriver {
  readonly name: string;
  /** Of the node service, in the order in which they came. */
  readonly calls: { readonly method: string; readonly request: Message }[] = [];
  /** What the kubelet reported of the registration. */
  readonly statuses: Message[] = [];
  readonly endpoint: string;
  readonly registrationSocket: string;
  readonly #traits: DriverTraits;

  /** Of a kubelet whose folder is `kubeletDir`. */
  constructor(kubeletDir: string, traits: DriverTraits = {}) {
    this.#traits = traits;
    this.name = traits.name ?? 'test.csi.example.com';
    this.endpoint = `${kubeletDir}/plugins/${this.name}/csi.sock`;
    this.registrationSocket = `${kubeletDir}/plugins_registry/${this.name}-reg.sock`;
    mkdirSync(`${kubeletDir}/plugins/${this.name}`, { recursive: true });
    mkdirSync(`${kubeletDir}/plugins_registry`, { recursive: true });
  }

  /** The driver's own socket. */
  serve(t: TestContext): Promise<PluginServer> {
    const { capabilities = [], info = { nodeId: 'id-of-n1' } } = this.#traits;
    const answers: Record<string, Answer> = {
      NodeGetInfo: () => info,
      NodeGetCapabilities: () => ({ capabilities: capabilities.map((type) => ({ rpc: { type } })) }),
    };
    const methods = Object.keys(nodeDescription.services.Node);
    const recorded = methods.map((method) => [method, this.#recording(method, answers[method])] as const);
    return PluginServer.start(t, this.endpoint, nodeDescription, Object.fromEntries(recorded));
  }

  /** The registrar's socket. */
  serveRegistration(t: TestContext, answers: Record<string, Answer> = {}): Promise<PluginServer> {
    const { versions = ['1.0.0'] } = this.#traits;
    const endpoint = `/var/lib/kubelet/plugins/${this.name}/csi.sock`;
    return PluginServer.start(t, this.registrationSocket, registrationDescription, {
      GetInfo: () => ({ type: 'CSIPlugin', name: this.name, endpoint, supportedVersions: versions }),
      NotifyRegistrationStatus: (status) => {
        this.statuses.push(status);
        return {};
      },
      ...answers,
    });
  }

  /** The methods that were called, without the questions for capabilities. */
  methods(): string[] {
    return this.calls.map(({ method }) => method).filter((method) => method !== 'NodeGetCapabilities');
  }

  #recording(method: string, usual: Answer = () => ({})): Answer {
    return (request) => {
      this.calls.push({ method, request });
      return (this.#traits.answers?.[method] ?? usual)(request);
    };
  }
}
