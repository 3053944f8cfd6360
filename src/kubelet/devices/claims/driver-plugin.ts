/**
 * A running plugin of a DRA driver, over its socket. Upstream: pkg/kubelet/cm/dra/plugin/dra_plugin.go.
 */

import { PluginChannel } from '../../grpc/plugin-channel.ts';
import { RpcError } from '../../grpc/rpc-error.ts';
import type { ClaimMetrics } from './claim-metrics.ts';
import description from './dra.gen.json' with { type: 'json' };
import type { PreparedDevice } from './prepared-claim.ts';

/** Half of the time after which upstream's kubelet syncs a pod again. */
const callTimeoutMs = 45_000;

/** Versions of the plugin protocol, the newest first; v1beta1 differs only in what it lacks. */
const packages: Readonly<Record<string, string>> = {
  'v1.DRAPlugin': 'k8s.io.kubelet.pkg.apis.dra.v1',
  'v1beta1.DRAPlugin': 'k8s.io.kubelet.pkg.apis.dra.v1beta1',
};
export const supportedServices = Object.keys(packages);

export interface ClaimReference {
  readonly namespace: string;
  readonly uid: string;
  readonly name: string;
}

/** Of one claim; devices count only without an error. */
interface ClaimAnswer {
  readonly error: string;
  readonly devices: readonly PreparedDevice[];
}

export interface PluginOptions {
  readonly driverName: string;
  readonly endpoint: string;
  /** One of `supportedServices`. */
  readonly service: string;
  readonly metrics: ClaimMetrics;
}

type Method = 'NodePrepareResources' | 'NodeUnprepareResources';

export class DriverPlugin {
  readonly driverName: string;
  readonly endpoint: string;
  /** Its socket can be reached. */
  isConnected = false;
  readonly channel: PluginChannel;
  readonly #package: string;
  readonly #metrics: ClaimMetrics;

  private constructor(options: PluginOptions, channel: PluginChannel) {
    this.driverName = options.driverName;
    this.endpoint = options.endpoint;
    this.channel = channel;
    this.#package = packages[options.service]!;
    this.#metrics = options.metrics;
  }

  static async open(options: PluginOptions): Promise<DriverPlugin> {
    const described = { ...description, package: packages[options.service]! };
    return new DriverPlugin(options, await PluginChannel.open(options.endpoint, described));
  }

  /** What the driver prepared, by uid of the claim. Rejects when it failed for one of the claims. */
  async prepare(
    claims: readonly ClaimReference[],
    signal: AbortSignal,
  ): Promise<Map<string, readonly PreparedDevice[]>> {
    const answers = await this.#call('NodePrepareResources', claims, signal);
    return new Map(answers.map(([uid, { devices }]) => [uid, devices.map(deviceOf)]));
  }

  /** Rejects when the driver failed for one of the claims. */
  async unprepare(claims: readonly ClaimReference[]): Promise<void> {
    await this.#call('NodeUnprepareResources', claims);
  }

  async #call(
    method: Method,
    claims: readonly ClaimReference[],
    signal?: AbortSignal,
  ): Promise<[uid: string, answer: ClaimAnswer][]> {
    const options = { timeoutMs: callTimeoutMs, signal };
    const call = () => this.channel.call('DRAPlugin', method, { claims }, options);
    const path = `/${this.#package}.DRAPlugin/${method}`;
    const answer = await this.#metrics.call(this.driverName, path, call, codeOf).catch((error) => {
      throw signal?.aborted ? error : new Error(`${method}: ${error.message}`);
    });
    const answers = Object.entries(answer['claims'] as Record<string, ClaimAnswer>);
    checkAnswers(method, claims, answers);
    return answers;
  }
}

function checkAnswers(
  method: Method,
  claims: readonly ClaimReference[],
  answers: readonly [uid: string, answer: ClaimAnswer][],
): void {
  for (const [uid, { error }] of answers) {
    const claim = claims.find((claim) => claim.uid === uid);
    if (!claim) throw new Error(`${method} returned result for unknown claim UID ${uid}`);
    if (error !== '') throw new Error(`${method} failed for ResourceClaim ${claim.name}: ${error}`);
  }
  const skipped = claims.length - answers.length;
  if (skipped !== 0) throw new Error(`${method} skipped ${skipped} ResourceClaims`);
}

function deviceOf({ poolName, deviceName, shareId, requestNames, cdiDeviceIds }: PreparedDevice) {
  return { poolName, deviceName, ...(shareId ? { shareId } : {}), requestNames, cdiDeviceIds };
}

function codeOf(error: unknown): string {
  return error instanceof RpcError ? error.code : 'Unknown';
}
