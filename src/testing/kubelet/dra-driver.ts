/** A DRA driver of a test, with a real socket: it prepares nothing; what it is asked is recorded. */

import { mkdirSync } from 'node:fs';
import type { TestContext } from 'node:test';
import description from '#kubelet/devices/claims/dra.gen.json' with { type: 'json' };
import type { ClaimReference } from '#kubelet/devices/claims/driver-plugin.ts';
import type { Message } from '#kubelet/grpc/service-types.ts';
import type { PluginInfo } from '#kubelet/registration/plugin-handler.ts';
import { PluginServer } from './plugin-server.ts';

type Method = 'NodePrepareResources' | 'NodeUnprepareResources';

export class TestDraDriver {
  readonly name: string;
  readonly endpoint: string;
  /** `+` and the names of the claims of each call to prepare, `-` of each to unprepare. */
  readonly calls: string[] = [];
  /** Instead of the usual answer to a claim, by its name. */
  readonly answers = new Map<string, Message | undefined>();
  /** Instead of every answer. */
  answer: Message | undefined;
  /** Awaited before each answer. */
  before: (method: Method) => Promise<void> = async () => undefined;

  constructor(dir: string, name = 'gpu.example.com', socket = 'dra.sock') {
    this.name = name;
    this.endpoint = `${dir}/plugins/${name}/${socket}`;
    mkdirSync(`${dir}/plugins/${name}`, { recursive: true });
  }

  /** What it registers with. */
  info(...supportedVersions: string[]): PluginInfo {
    const versions = supportedVersions.length > 0 ? supportedVersions : ['v1.DRAPlugin'];
    return { type: 'DRAPlugin', name: this.name, endpoint: this.endpoint, supportedVersions: versions };
  }

  serve(t: TestContext, version = 'v1'): Promise<PluginServer> {
    const described = { ...description, package: `k8s.io.kubelet.pkg.apis.dra.${version}` };
    return PluginServer.start(t, this.endpoint, described, {
      NodePrepareResources: (request) =>
        this.#answer('NodePrepareResources', request, ({ name }) => ({ devices: [deviceFor(name)] })),
      NodeUnprepareResources: (request) => this.#answer('NodeUnprepareResources', request, () => ({})),
    });
  }

  async #answer(
    method: Method,
    request: Message,
    usual: (claim: ClaimReference) => Message,
  ): Promise<Message> {
    const claims = request['claims'] as ClaimReference[];
    const sign = method === 'NodePrepareResources' ? '+' : '-';
    this.calls.push(`${sign}${claims.map(({ name }) => name).join(',')}`);
    await this.before(method);
    if (this.answer) return this.answer;
    const answered = claims.flatMap((claim) => {
      const answer = this.answers.has(claim.name) ? this.answers.get(claim.name) : usual(claim);
      return answer ? [[claim.uid, answer] as const] : [];
    });
    return { claims: Object.fromEntries(answered) };
  }
}

function deviceFor(claim: string): Message {
  return {
    requestNames: ['req'],
    poolName: 'n1',
    deviceName: 'gpu-0',
    cdiDeviceIds: [`example.com/gpu=${claim}`],
  };
}
